// SSPI for C#, by P/Invoke; for Mono and .NET.
//
//     using (var me = Credential.Outbound("Negotiate", "alice", "EXAMPLE", "secret"))
//     using (var client = new Client(me, "HTTP/server.example"))
//     {
//         byte[] token = client.Step(null);
//         ...
//     }
//
// A credential may be used by any number of threads; a context belongs to one at a time. What is not disposed
// is given back by the garbage collector.

using System;
using System.Runtime.InteropServices;

namespace Sspi
{
    /// <summary>A call that failed.</summary>
    public sealed class SspiException : Exception
    {
        internal SspiException(string function, SecurityStatus status)
            : base(string.Format("{0}: {1} (0x{2:X8})", function, status, (uint)status))
        {
            Function = function;
            Status = status;
        }

        public string Function { get; }
        public SecurityStatus Status { get; }
    }

    /// <summary>Who one is, for "NTLM", "Kerberos" or "Negotiate".</summary>
    public sealed class Credential : IDisposable
    {
        internal readonly CredentialHandle Handle = new CredentialHandle();

        /// <summary>A client's, of the named user.</summary>
        public static Credential Outbound(string package, string user, string domain, string password)
        {
            using (var identity = new Identity(user, domain, password))
                return new Credential(package, Native.Outbound, identity.Pointer);
        }

        /// <summary>A client's, of the user whom the machine is logged on as.</summary>
        public static Credential Outbound(string package)
        {
            return new Credential(package, Native.Outbound, IntPtr.Zero);
        }

        /// <summary>A server's.</summary>
        public static Credential Inbound(string package)
        {
            return new Credential(package, Native.Inbound, IntPtr.Zero);
        }

        Credential(string package, uint use, IntPtr identity)
        {
            long expiry;
            Native.Check("AcquireCredentialsHandle", Native.AcquireCredentialsHandleW(
                null, package, use, IntPtr.Zero, identity, IntPtr.Zero, IntPtr.Zero, Handle, out expiry));
            Handle.Begun = true;
        }

        public void Dispose()
        {
            Handle.Dispose();
        }
    }

    /// <summary>One end of a conversation: what client and server share.</summary>
    public abstract class Context : IDisposable
    {
        internal readonly ContextHandle Handle = new ContextHandle();
        internal uint attributes;

        internal Context() { }

        /// <summary>Whether this end has all that it needs.</summary>
        public bool IsComplete { get; private set; }

        /// <summary>ISC_RET_* or ASC_RET_*: what the connection offers.</summary>
        public uint Attributes { get { return attributes; } }

        /// <summary>Takes the peer's token and returns the one for the peer, which is empty when there is none.</summary>
        public byte[] Step(byte[] token)
        {
            using (var input = new Message(new Part(BufferType.Token, token)))
            using (var output = new Message(new Part(BufferType.Token, null)))
            {
                SecurityStatus status = Advance(input, output);
                Handle.Begun = true;
                byte[] answer = output.Copy(0);
                Native.FreeContextBuffer(output.Buffers[0].Memory);
                if (status == SecurityStatus.SEC_I_COMPLETE_NEEDED || status == SecurityStatus.SEC_I_COMPLETE_AND_CONTINUE)
                    Native.Check("CompleteAuthToken", Native.CompleteAuthToken(Handle, ref input.Description));
                IsComplete = status == SecurityStatus.SEC_E_OK || status == SecurityStatus.SEC_I_COMPLETE_NEEDED;
                return answer;
            }
        }

        internal abstract SecurityStatus Advance(Message input, Message output);

        /// <summary>The context that the call goes on with; none the first time.</summary>
        internal IntPtr Existing { get { return Handle.Begun ? Handle.DangerousGetHandle() : IntPtr.Zero; } }

        /// <summary>Seals: what the peer's Unwrap opens.</summary>
        public byte[] Wrap(byte[] data)
        {
            Sizes sizes = QuerySizes();
            using (var message = new Message(
                new Part(BufferType.Token, new byte[sizes.SecurityTrailer]),
                new Part(BufferType.Data, (byte[])data.Clone()),
                new Part(BufferType.Padding, new byte[sizes.BlockSize])))
            {
                Native.Check("EncryptMessage", Native.EncryptMessage(Handle, 0, ref message.Description, 0));
                // Token and padding may be shorter than what was set aside for them.
                return message.CopyAll();
            }
        }

        /// <summary>Opens what the peer's Wrap made.</summary>
        public byte[] Unwrap(byte[] sealedData)
        {
            using (var message = new Message(
                new Part(BufferType.Stream, (byte[])sealedData.Clone()), new Part(BufferType.Data, null)))
            {
                uint quality;
                Native.Check("DecryptMessage", Native.DecryptMessage(Handle, ref message.Description, 0, out quality));
                // The data is a part of the stream, in its place.
                return message.Copy(1);
            }
        }

        /// <summary>A signature to send beside the data.</summary>
        public byte[] Sign(byte[] data)
        {
            using (var message = new Message(
                new Part(BufferType.Data, data), new Part(BufferType.Token, new byte[QuerySizes().MaxSignature])))
            {
                Native.Check("MakeSignature", Native.MakeSignature(Handle, 0, ref message.Description, 0));
                return message.Copy(1);
            }
        }

        /// <summary>Throws SspiException (SEC_E_MESSAGE_ALTERED) unless the signature is the peer's.</summary>
        public void Verify(byte[] data, byte[] signature)
        {
            using (var message = new Message(new Part(BufferType.Data, data), new Part(BufferType.Token, signature)))
            {
                uint quality;
                Native.Check("VerifySignature", Native.VerifySignature(Handle, ref message.Description, 0, out quality));
            }
        }

        /// <summary>The client, DOMAIN\user.</summary>
        public string User
        {
            get
            {
                IntPtr name = QueryPointer(Native.AttributeNames);
                try { return Marshal.PtrToStringUni(name); }
                finally { Native.FreeContextBuffer(name); }
            }
        }

        /// <summary>The package that did the work: of Negotiate, the one that was chosen.</summary>
        public string Package
        {
            get
            {
                IntPtr info = QueryPointer(Native.AttributePackageInfo);
                try { return Marshal.PtrToStringUni(Marshal.PtrToStructure<PackageInfo>(info).Name); }
                finally { Native.FreeContextBuffer(info); }
            }
        }

        Sizes QuerySizes()
        {
            Sizes sizes;
            Native.Check("QueryContextAttributes", Native.QueryContextAttributesW(Handle, Native.AttributeSizes, out sizes));
            return sizes;
        }

        IntPtr QueryPointer(uint attribute)
        {
            IntPtr pointer;
            Native.Check("QueryContextAttributes", Native.QueryContextAttributesW(Handle, attribute, out pointer));
            return pointer;
        }

        public void Dispose()
        {
            Handle.Dispose();
        }
    }

    /// <summary>The end that speaks first.</summary>
    public sealed class Client : Context
    {
        public const uint Defaults = Native.Confidentiality | Native.ReplayDetect | Native.SequenceDetect | 0x10000;

        readonly Credential credential;
        readonly string target;
        readonly uint flags;

        /// <param name="target">The service's name, class/host.</param>
        public Client(Credential credential, string target, uint flags = Defaults)
        {
            this.credential = credential;
            this.target = target;
            this.flags = flags | Native.AllocateMemory;
        }

        internal override SecurityStatus Advance(Message input, Message output)
        {
            long expiry;
            return Native.Check("InitializeSecurityContext", Native.InitializeSecurityContextW(
                credential.Handle, Existing, target, flags, 0, Native.NativeRepresentation, ref input.Description, 0,
                Handle, ref output.Description, out attributes, out expiry));
        }
    }

    /// <summary>The end that decides who may come in.</summary>
    public sealed class Server : Context
    {
        public const uint Defaults = Native.Confidentiality | Native.ReplayDetect | Native.SequenceDetect | 0x20000;

        readonly Credential credential;
        readonly uint flags;

        public Server(Credential credential, uint flags = Defaults)
        {
            this.credential = credential;
            this.flags = flags | Native.AllocateMemory;
        }

        internal override SecurityStatus Advance(Message input, Message output)
        {
            long expiry;
            return Native.Check("AcceptSecurityContext", Native.AcceptSecurityContext(
                credential.Handle, Existing, ref input.Description, flags, Native.NativeRepresentation, Handle,
                ref output.Description, out attributes, out expiry));
        }
    }
}

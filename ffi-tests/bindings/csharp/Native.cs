// What goes to the library: its functions, its structures, and memory that stays where it is during a call.

using System;
using System.Linq;
using System.Runtime.InteropServices;

namespace Sspi
{
    public enum SecurityStatus : uint
    {
        SEC_E_OK = 0,
        SEC_I_CONTINUE_NEEDED = 0x00090312,
        SEC_I_COMPLETE_NEEDED = 0x00090313,
        SEC_I_COMPLETE_AND_CONTINUE = 0x00090314,
        SEC_E_INSUFFICIENT_MEMORY = 0x80090300,
        SEC_E_INVALID_HANDLE = 0x80090301,
        SEC_E_UNSUPPORTED_FUNCTION = 0x80090302,
        SEC_E_TARGET_UNKNOWN = 0x80090303,
        SEC_E_INTERNAL_ERROR = 0x80090304,
        SEC_E_SECPKG_NOT_FOUND = 0x80090305,
        SEC_E_INVALID_TOKEN = 0x80090308,
        SEC_E_QOP_NOT_SUPPORTED = 0x8009030A,
        SEC_E_NO_IMPERSONATION = 0x8009030B,
        SEC_E_LOGON_DENIED = 0x8009030C,
        SEC_E_UNKNOWN_CREDENTIALS = 0x8009030D,
        SEC_E_NO_CREDENTIALS = 0x8009030E,
        SEC_E_MESSAGE_ALTERED = 0x8009030F,
        SEC_E_OUT_OF_SEQUENCE = 0x80090310,
        SEC_E_NO_AUTHENTICATING_AUTHORITY = 0x80090311,
        SEC_E_CONTEXT_EXPIRED = 0x80090317,
        SEC_E_INCOMPLETE_MESSAGE = 0x80090318,
        SEC_E_BUFFER_TOO_SMALL = 0x80090321,
        SEC_E_WRONG_PRINCIPAL = 0x80090322,
        SEC_E_TIME_SKEW = 0x80090324,
        SEC_E_BAD_BINDINGS = 0x80090346,
        SEC_E_INVALID_PARAMETER = 0x8009035D,
    }

    enum BufferType : uint { Data = 1, Token = 2, Padding = 9, Stream = 10 }

    [StructLayout(LayoutKind.Sequential)]
    struct SecBuffer
    {
        public uint Length;
        public BufferType Type;
        public IntPtr Memory;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct SecBufferDesc
    {
        public uint Version;
        public uint Count;
        public IntPtr Buffers;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Sizes
    {
        public uint MaxToken, MaxSignature, BlockSize, SecurityTrailer;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct PackageInfo
    {
        public uint Capabilities;
        public ushort Version, RpcId;
        public uint MaxToken;
        public IntPtr Name, Comment;
    }

    /// <summary>
    /// A SecHandle in memory that is not the collector's. As a SafeHandle it cannot go while a call uses it, and
    /// goes once.
    /// </summary>
    abstract class SecHandle : SafeHandle
    {
        /// <summary>Whether there is something to give back.</summary>
        internal volatile bool Begun;

        protected SecHandle() : base(IntPtr.Zero, true)
        {
            SetHandle(Marshal.AllocHGlobal(2 * IntPtr.Size));
            // Both words -1: no handle.
            Marshal.WriteIntPtr(handle, (IntPtr)(-1));
            Marshal.WriteIntPtr(handle, IntPtr.Size, (IntPtr)(-1));
        }

        public override bool IsInvalid { get { return handle == IntPtr.Zero; } }

        protected override bool ReleaseHandle()
        {
            bool good = !Begun || GiveBack() == SecurityStatus.SEC_E_OK;
            Marshal.FreeHGlobal(handle);
            return good;
        }

        protected abstract SecurityStatus GiveBack();
    }

    sealed class CredentialHandle : SecHandle
    {
        protected override SecurityStatus GiveBack() { return Native.FreeCredentialsHandle(handle); }
    }

    sealed class ContextHandle : SecHandle
    {
        protected override SecurityStatus GiveBack() { return Native.DeleteSecurityContext(handle); }
    }

    /// <summary>SEC_WINNT_AUTH_IDENTITY_W; its strings are wiped when it goes.</summary>
    sealed class Identity : IDisposable
    {
        [StructLayout(LayoutKind.Sequential)]
        struct Fields
        {
            public IntPtr User;
            public uint UserLength;
            public IntPtr Domain;
            public uint DomainLength;
            public IntPtr Password;
            public uint PasswordLength;
            public uint Flags;
        }

        const uint Unicode = 2;

        Fields fields;
        readonly GCHandle pin;

        internal Identity(string user, string domain, string password)
        {
            fields.User = Text(user, out fields.UserLength);
            fields.Domain = Text(domain, out fields.DomainLength);
            fields.Password = Text(password, out fields.PasswordLength);
            fields.Flags = Unicode;
            // The box is what is pinned.
            pin = GCHandle.Alloc(fields, GCHandleType.Pinned);
        }

        internal IntPtr Pointer { get { return pin.AddrOfPinnedObject(); } }

        static IntPtr Text(string text, out uint length)
        {
            length = (uint)(text ?? "").Length;
            return Marshal.StringToCoTaskMemUni(text);
        }

        public void Dispose()
        {
            pin.Free();
            foreach (IntPtr text in new[] { fields.User, fields.Domain, fields.Password })
                if (text != IntPtr.Zero)
                    Marshal.ZeroFreeCoTaskMemUnicode(text);
        }
    }

    struct Part
    {
        internal readonly BufferType Type;
        internal readonly byte[] Bytes;

        internal Part(BufferType type, byte[] bytes)
        {
            Type = type;
            Bytes = bytes;
        }
    }

    /// <summary>A SecBufferDesc over arrays that are pinned until it is disposed of.</summary>
    sealed class Message : IDisposable
    {
        internal SecBufferDesc Description;
        internal readonly SecBuffer[] Buffers;
        readonly GCHandle[] pins;

        internal Message(params Part[] parts)
        {
            Buffers = new SecBuffer[parts.Length];
            pins = parts.Select(part => GCHandle.Alloc(part.Bytes, GCHandleType.Pinned)).ToArray();
            for (int i = 0; i < parts.Length; i++)
            {
                Buffers[i].Type = parts[i].Type;
                Buffers[i].Length = (uint)(parts[i].Bytes ?? new byte[0]).Length;
                Buffers[i].Memory = Buffers[i].Length == 0 ? IntPtr.Zero : pins[i].AddrOfPinnedObject();
            }
            var array = GCHandle.Alloc(Buffers, GCHandleType.Pinned);
            pins = pins.Concat(new[] { array }).ToArray();
            Description.Count = (uint)parts.Length;
            Description.Buffers = array.AddrOfPinnedObject();
        }

        /// <summary>What a buffer holds after the call.</summary>
        internal byte[] Copy(int index)
        {
            var bytes = new byte[Buffers[index].Length];
            if (bytes.Length > 0)
                Marshal.Copy(Buffers[index].Memory, bytes, 0, bytes.Length);
            return bytes;
        }

        internal byte[] CopyAll()
        {
            return Enumerable.Range(0, Buffers.Length).SelectMany(Copy).ToArray();
        }

        public void Dispose()
        {
            foreach (GCHandle pin in pins)
                pin.Free();
        }
    }

    static class Native
    {
        // libsspi.so; on Windows the same functions are in secur32.
        const string Library = "sspi";

        internal const uint Inbound = 1, Outbound = 2;
        internal const uint AttributeSizes = 0, AttributeNames = 1, AttributePackageInfo = 10;
        internal const uint ReplayDetect = 0x4, SequenceDetect = 0x8, Confidentiality = 0x10, AllocateMemory = 0x100;
        internal const uint NativeRepresentation = 0x10;

        internal static SecurityStatus Check(string function, SecurityStatus status)
        {
            if ((int)status < 0)
                throw new SspiException(function, status);
            return status;
        }

        [DllImport(Library, ExactSpelling = true, CharSet = CharSet.Unicode)]
        internal static extern SecurityStatus AcquireCredentialsHandleW(
            string principal, string package, uint use, IntPtr logonId, IntPtr identity, IntPtr getKey,
            IntPtr argument, CredentialHandle credential, out long expiry);

        [DllImport(Library, ExactSpelling = true)]
        internal static extern SecurityStatus FreeCredentialsHandle(IntPtr credential);

        [DllImport(Library, ExactSpelling = true, CharSet = CharSet.Unicode)]
        internal static extern SecurityStatus InitializeSecurityContextW(
            CredentialHandle credential, IntPtr existing, string target, uint flags, uint reserved,
            uint representation, ref SecBufferDesc input, uint reserved2, ContextHandle context,
            ref SecBufferDesc output, out uint attributes, out long expiry);

        [DllImport(Library, ExactSpelling = true)]
        internal static extern SecurityStatus AcceptSecurityContext(
            CredentialHandle credential, IntPtr existing, ref SecBufferDesc input, uint flags, uint representation,
            ContextHandle context, ref SecBufferDesc output, out uint attributes, out long expiry);

        [DllImport(Library, ExactSpelling = true)]
        internal static extern SecurityStatus CompleteAuthToken(ContextHandle context, ref SecBufferDesc token);

        [DllImport(Library, ExactSpelling = true)]
        internal static extern SecurityStatus DeleteSecurityContext(IntPtr context);

        [DllImport(Library, ExactSpelling = true)]
        internal static extern SecurityStatus QueryContextAttributesW(ContextHandle context, uint attribute, out Sizes sizes);

        [DllImport(Library, ExactSpelling = true)]
        internal static extern SecurityStatus QueryContextAttributesW(ContextHandle context, uint attribute, out IntPtr pointer);

        [DllImport(Library, ExactSpelling = true)]
        internal static extern SecurityStatus FreeContextBuffer(IntPtr block);

        [DllImport(Library, ExactSpelling = true)]
        internal static extern SecurityStatus EncryptMessage(
            ContextHandle context, uint quality, ref SecBufferDesc message, uint number);

        [DllImport(Library, ExactSpelling = true)]
        internal static extern SecurityStatus DecryptMessage(
            ContextHandle context, ref SecBufferDesc message, uint number, out uint quality);

        [DllImport(Library, ExactSpelling = true)]
        internal static extern SecurityStatus MakeSignature(
            ContextHandle context, uint quality, ref SecBufferDesc message, uint number);

        [DllImport(Library, ExactSpelling = true)]
        internal static extern SecurityStatus VerifySignature(
            ContextHandle context, ref SecBufferDesc message, uint number, out uint quality);
    }
}

// What the binding promises, both ends in one process. The accounts are those of NTLM_USER_FILE.

using System;
using System.Linq;
using System.Text;
using System.Threading;
using Sspi;

static class Tests
{
    static int failures;

    static void Check(bool right, string what)
    {
        if (right)
            return;
        Interlocked.Increment(ref failures);
        Console.Error.WriteLine("FAILED: " + what + "\n" + Environment.StackTrace);
    }

    static void Refused(SecurityStatus status, Action call)
    {
        try
        {
            call();
            Check(false, status + " expected");
        }
        catch (SspiException error)
        {
            Check(error.Status == status, error.Message);
        }
    }

    static byte[] Bytes(string text) { return Encoding.UTF8.GetBytes(text); }

    sealed class Pair : IDisposable
    {
        internal readonly Client Client;
        internal readonly Server Server;

        internal Pair(string package, string user = "alice", string password = "Password123!")
        {
            Client = new Client(Credential.Outbound(package, user, "EXAMPLE", password), "host/server.example");
            Server = new Server(Credential.Inbound(package));
        }

        internal Pair LogOn()
        {
            byte[] token = Client.Step(null);
            while (!(Client.IsComplete && Server.IsComplete))
            {
                token = Server.Step(token);
                if (!Client.IsComplete)
                    token = Client.Step(token);
            }
            return this;
        }

        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }

    static void LogsOnAndSeals(string package)
    {
        using (Pair pair = new Pair(package).LogOn())
        {
            Check(pair.Server.User == @"EXAMPLE\alice", pair.Server.User);
            Check(pair.Server.Package == "NTLM", pair.Server.Package);
            foreach (var ends in new[] { new Context[] { pair.Client, pair.Server }, new Context[] { pair.Server, pair.Client } })
            {
                foreach (string text in new[] { "hello \0 and on", "", new string('x', 10000) })
                {
                    byte[] wrapped = ends[0].Wrap(Bytes(text));
                    Check(text == "" || !wrapped.Skip(wrapped.Length - text.Length).SequenceEqual(Bytes(text)), "sealed");
                    Check(ends[1].Unwrap(wrapped).SequenceEqual(Bytes(text)), "opened");
                }
                ends[1].Verify(Bytes("signed"), ends[0].Sign(Bytes("signed")));
            }
            byte[] signature = pair.Client.Sign(Bytes("signed"));
            Refused(SecurityStatus.SEC_E_MESSAGE_ALTERED, () => pair.Server.Verify(Bytes("sealed"), signature));
        }
    }

    static void WhatIsWrongIsRefused(string package)
    {
        foreach (var who in new[] { new[] { "alice", "wrong" }, new[] { "nobody", "Password123!" } })
            using (var pair = new Pair(package, who[0], who[1]))
            {
                Refused(SecurityStatus.SEC_E_LOGON_DENIED, () => pair.LogOn());
                Check(!pair.Server.IsComplete, "not complete");
            }
        try
        {
            Credential.Inbound("Nonsense");
            Check(false, "no such package");
        }
        catch (SspiException error)
        {
            Check(error.Message == "AcquireCredentialsHandle: SEC_E_SECPKG_NOT_FOUND (0x80090305)", error.Message);
        }
    }

    static void AnAlteredMessageIsRefused()
    {
        using (Pair pair = new Pair("NTLM").LogOn())
        {
            byte[] wrapped = pair.Client.Wrap(Bytes("hello"));
            wrapped[wrapped.Length - 1] ^= 1;
            Refused(SecurityStatus.SEC_E_MESSAGE_ALTERED, () => pair.Server.Unwrap(wrapped));
        }
    }

    static void ADisposedContextRefuses()
    {
        Pair pair = new Pair("NTLM").LogOn();
        pair.Dispose();
        pair.Dispose();
        try
        {
            pair.Client.Wrap(Bytes("hello"));
            Check(false, "disposed");
        }
        catch (ObjectDisposedException) { }
        Refused(SecurityStatus.SEC_E_INVALID_HANDLE, () => new Pair("NTLM").Client.Wrap(Bytes("hello")));
    }

    static void AnyNameLogsOn()
    {
        using (Pair pair = new Pair("NTLM", "müller", "pässwörd ß€").LogOn())
            Check(pair.Server.User == @"EXAMPLE\müller", pair.Server.User);
    }

    static void ThreadsMayWorkWhileTheCollectorDoes()
    {
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int n = 0; n < 10; n++)
            {
                LogsOnAndSeals("Negotiate");
                new Pair("NTLM").LogOn();
                GC.Collect();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
    }

    static int Main()
    {
        foreach (string package in new[] { "NTLM", "Negotiate" })
        {
            LogsOnAndSeals(package);
            WhatIsWrongIsRefused(package);
        }
        AnAlteredMessageIsRefused();
        ADisposedContextRefuses();
        AnyNameLogsOn();
        ThreadsMayWorkWhileTheCollectorDoes();
        Console.WriteLine(failures == 0 ? "all is well" : "something is wrong");
        return failures == 0 ? 0 : 1;
    }
}

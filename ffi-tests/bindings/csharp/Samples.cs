// A client and a server: log on over TCP and exchange sealed messages.
//
//     samples.exe client PORT DOMAIN USER PASSWORD [PACKAGE [TARGET]]
//     NTLM_USER_FILE=accounts samples.exe server [PACKAGE]

using System;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Sspi;

/// <summary>A message is its length in four bytes, then itself.</summary>
sealed class Connection : IDisposable
{
    const int Limit = 1 << 20;

    readonly TcpClient tcp;
    readonly Stream stream;

    internal Connection(TcpClient tcp)
    {
        this.tcp = tcp;
        stream = tcp.GetStream();
    }

    internal void Send(byte[] message)
    {
        byte[] frame = Number(message.Length).Concat(message).ToArray();
        stream.Write(frame, 0, frame.Length);
    }

    internal byte[] Receive()
    {
        int length = IPAddress.NetworkToHostOrder(BitConverter.ToInt32(Take(4), 0));
        if (length < 0 || length > Limit)
            throw new InvalidDataException("a message that is too long");
        return Take(length);
    }

    byte[] Take(int length)
    {
        var bytes = new byte[length];
        for (int at = 0; at < length;)
        {
            int received = stream.Read(bytes, at, length - at);
            if (received == 0)
                throw new EndOfStreamException("the peer closed the connection");
            at += received;
        }
        return bytes;
    }

    static byte[] Number(int value)
    {
        return BitConverter.GetBytes(IPAddress.HostToNetworkOrder(value));
    }

    /// <summary>Seals a text and sends it. The peer is told how long the signature is, which stands in front.</summary>
    internal void Say(Context context, string text)
    {
        byte[] data = Encoding.UTF8.GetBytes(text);
        byte[] wrapped = context.Wrap(data);
        Send(Number(wrapped.Length - data.Length).Concat(wrapped).ToArray());
        Console.WriteLine("says: \"{0}\"", text);
    }

    internal void Hear(Context context)
    {
        byte[] data = context.Unwrap(Receive().Skip(4).ToArray());
        Console.WriteLine("hears: \"{0}\"", Encoding.UTF8.GetString(data));
    }

    public void Dispose()
    {
        tcp.Close();
    }
}

static class Samples
{
    const int Good = 0, Trouble = 1, Refused = 2;

    static int Main(string[] arguments)
    {
        Console.OutputEncoding = new UTF8Encoding(false);
        try
        {
            if (arguments.Length >= 5 && arguments[0] == "client")
                LogOn(arguments);
            else if (arguments.Length >= 1 && arguments[0] == "server")
                Serve(arguments.ElementAtOrDefault(1) ?? "NTLM");
            else
                throw new ArgumentException("client PORT DOMAIN USER PASSWORD [PACKAGE [TARGET]], or server [PACKAGE]");
            return Good;
        }
        catch (EndOfStreamException)
        {
            Console.WriteLine("the server closed the connection: it does not let us in");
            return Refused;
        }
        catch (SspiException error)
        {
            Console.Error.WriteLine(error.Message);
            return error.Status == SecurityStatus.SEC_E_LOGON_DENIED ? Refused : Trouble;
        }
        catch (Exception error) when (error is IOException || error is SocketException || error is ArgumentException)
        {
            Console.Error.WriteLine(error.Message);
            return Trouble;
        }
    }

    static void LogOn(string[] arguments)
    {
        string package = arguments.ElementAtOrDefault(5) ?? "NTLM";
        string target = arguments.ElementAtOrDefault(6) ?? "host/server.example";
        using (var credential = Credential.Outbound(package, arguments[3], arguments[2], arguments[4]))
        using (var client = new Client(credential, target))
        using (var server = new Connection(new TcpClient("127.0.0.1", int.Parse(arguments[1]))))
        {
            byte[] token = client.Step(null);
            while (true)
            {
                if (token.Length > 0)
                    server.Send(token);
                if (client.IsComplete)
                    break;
                token = client.Step(server.Receive());
            }
            Console.WriteLine("logging on as: {0}\npackage: {1}", client.User, client.Package);
            server.Hear(client);
            server.Say(client, "Thank you. The answer is 42.");
        }
    }

    static void Serve(string package)
    {
        using (var credential = Credential.Inbound(package))
        using (var server = new Server(credential))
        using (var client = WaitForClient())
        {
            while (!server.IsComplete)
            {
                byte[] token = server.Step(client.Receive());
                if (token.Length > 0)
                    client.Send(token);
            }
            Console.WriteLine("authenticated: {0}\npackage: {1}", server.User, server.Package);
            client.Say(server, "Welcome. This line is sealed.");
            client.Hear(server);
        }
    }

    static Connection WaitForClient()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Console.WriteLine("listening on port {0}", ((IPEndPoint)listener.LocalEndpoint).Port);
        try { return new Connection(listener.AcceptTcpClient()); }
        finally { listener.Stop(); }
    }
}

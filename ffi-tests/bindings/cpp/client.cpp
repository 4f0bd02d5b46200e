// Logs on over TCP and exchanges sealed messages.
//
//     client PORT DOMAIN USER PASSWORD [PACKAGE [TARGET]]
#include "samples.hpp"

static Connection connect_to(int port)
{
    Socket socket(::socket(AF_INET, SOCK_STREAM, 0));
    const sockaddr_in address = loopback(port);
    if (connect(socket.get(), reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0)
        throw std::system_error(errno, std::generic_category(), "connect");
    return Connection(std::move(socket));
}

static void log_on(Connection &server, sspi::Client &client)
{
    std::string token = client.step();
    for (;;) {
        if (!token.empty())
            server.send(token);
        if (client.complete())
            return;
        token = client.step(server.receive());
    }
}

int main(int argc, char **argv)
try {
    if (argc < 5) {
        std::cerr << "usage: client PORT DOMAIN USER PASSWORD [PACKAGE [TARGET]]\n";
        return trouble;
    }
    const std::string package = argc > 5 ? argv[5] : "NTLM", target = argc > 6 ? argv[6] : "host/server.example";
    sspi::Client client(sspi::Credential::outbound(package, {argv[3], argv[2], argv[4]}), target);
    Connection server = connect_to(std::stoi(argv[1]));

    log_on(server, client);
    std::cout << "logging on as: " << client.user() << "\npackage: " << client.package() << std::endl;
    server.hear(client);
    server.say(client, "Thank you. The answer is 42.");
    return good;
} catch (const Closed &) {
    std::cout << "the server closed the connection: it does not let us in\n";
    return refused;
} catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return trouble;
}

// Authenticates one client over TCP and exchanges sealed messages. It prints the port that it listens on.
//
//     NTLM_USER_FILE=accounts server [PACKAGE]
#include "samples.hpp"

static Connection wait_for_client()
{
    Socket listener(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address = loopback(0);
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    socklen_t length = sizeof address;
    if (bind(listener.get(), generic, length) != 0 || listen(listener.get(), 1) != 0
        || getsockname(listener.get(), generic, &length) != 0)
        throw std::system_error(errno, std::generic_category(), "listen");
    std::cout << "listening on port " << ntohs(address.sin_port) << std::endl;
    return Connection(Socket(accept(listener.get(), nullptr, nullptr)));
}

static void authenticate(Connection &client, sspi::Server &server)
{
    while (!server.complete()) {
        const std::string token = server.step(client.receive());
        if (!token.empty())
            client.send(token);
    }
}

int main(int argc, char **argv)
try {
    sspi::Server server(sspi::Credential::inbound(argc > 1 ? argv[1] : "NTLM"));
    Connection client = wait_for_client();

    authenticate(client, server);
    std::cout << "authenticated: " << server.user() << "\npackage: " << server.package() << std::endl;
    client.say(server, "Welcome. This line is sealed.");
    client.hear(server);
    return good;
} catch (const sspi::Error &error) {
    std::cerr << error.what() << "\n";
    return error.status() == SEC_E_LOGON_DENIED ? refused : trouble;
} catch (const std::exception &error) {
    std::cerr << error.what() << "\n";
    return trouble;
}

// What the binding promises, both ends in one process. The accounts are those of NTLM_USER_FILE.
#include "sspi.hpp"

#include <atomic>
#include <iostream>
#include <optional>
#include <thread>
#include <vector>

static std::atomic<int> failures{0};

static void check(bool right, const char *what, const std::string &about)
{
    if (!right) {
        std::cerr << "FAILED: " << what << " (" << about << ")\n";
        failures++;
    }
}
#define CHECK(condition, about) check(condition, #condition, about)

/// The status that a call is refused with; SEC_E_OK when it is not.
template <typename Call> static SECURITY_STATUS refusal(Call call)
{
    try {
        call();
        return SEC_E_OK;
    } catch (const sspi::Error &error) {
        return error.status();
    }
}

static const sspi::Identity alice = {"alice", "EXAMPLE", "Password123!"};

struct Pair {
    explicit Pair(const std::string &package, const sspi::Identity &who = alice)
        : client(sspi::Credential::outbound(package, who), "host/server.example"),
          server(sspi::Credential::inbound(package)) {}

    void log_on()
    {
        std::string token = client.step();
        while (!client.complete() || !server.complete()) {
            token = server.step(token);
            if (!client.complete())
                token = client.step(token);
        }
    }

    sspi::Client client;
    sspi::Server server;
};

static void logs_on_and_seals(const std::string &package)
{
    Pair pair(package);
    pair.log_on();
    CHECK(pair.server.user() == "EXAMPLE\\alice", package);
    CHECK(pair.server.package() == "NTLM", package);
    CHECK((pair.client.attributes() & ISC_RET_CONFIDENTIALITY) != 0, package);

    const std::string hello("to the server\0and on", 20);
    const std::string sealed = pair.client.wrap(hello);
    CHECK(sealed.find("to the server") == std::string::npos, package);
    CHECK(pair.server.unwrap(sealed) == hello, package);
    CHECK(pair.client.unwrap(pair.server.wrap("to the client")) == "to the client", package);
    CHECK(pair.client.unwrap(pair.server.wrap("")) == "", package);

    const std::string signature = pair.client.sign("signed");
    pair.server.verify("signed", signature);
    const std::string another = pair.client.sign("signed");
    CHECK(refusal([&] { pair.server.verify("sealed", another); }) == SEC_E_MESSAGE_ALTERED, package);
}

static void refuses_what_is_wrong(const std::string &package)
{
    for (const sspi::Identity &who : {sspi::Identity{"alice", "EXAMPLE", "wrong"},
                                      sspi::Identity{"nobody", "EXAMPLE", "Password123!"}}) {
        Pair pair(package, who);
        CHECK(refusal([&] { pair.log_on(); }) == SEC_E_LOGON_DENIED, package + " " + who.user);
        CHECK(!pair.server.complete(), package);
    }
    Pair pair(package);
    pair.log_on();
    std::string sealed = pair.client.wrap("hello");
    sealed.back() = static_cast<char>(sealed.back() ^ 1);
    CHECK(refusal([&] { pair.server.unwrap(sealed); }) == SEC_E_MESSAGE_ALTERED, package);

    try {
        sspi::Credential::inbound("Nonsense");
        CHECK(false, "Nonsense");
    } catch (const sspi::Error &error) {
        CHECK(error.what() == std::string("AcquireCredentialsHandle: SEC_E_SECPKG_NOT_FOUND (0x80090305)"),
              error.what());
    }
}

static void owns_its_handles()
{
    std::optional<Pair> pair(std::in_place, "NTLM");
    pair->log_on();
    sspi::Client moved = std::move(pair->client);
    CHECK(moved.user() == "EXAMPLE\\alice", "moved");
    CHECK(refusal([&] { pair->client.wrap("gone"); }) == SEC_E_INVALID_HANDLE, "moved from");
    const std::string sealed = pair->server.wrap("hello");
    pair.reset();
    CHECK(moved.unwrap(sealed) == "hello", "the context keeps its credential");
}

static void takes_any_name()
{
    Pair pair("NTLM", {"müller", "EXAMPLE", "pässwörd ß€"});
    pair.log_on();
    CHECK(pair.server.user() == "EXAMPLE\\müller", pair.server.user());
}

static void works_in_threads()
{
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
        threads.emplace_back([] {
            for (int n = 0; n < 10; n++)
                logs_on_and_seals("Negotiate");
        });
    for (std::thread &thread : threads)
        thread.join();
}

int main()
{
    for (const char *package : {"NTLM", "Negotiate"}) {
        logs_on_and_seals(package);
        refuses_what_is_wrong(package);
    }
    owns_its_handles();
    takes_any_name();
    works_in_threads();
    std::cout << (failures == 0 ? "all is well" : "something is wrong") << std::endl;
    return failures == 0 ? 0 : 1;
}

// What the two samples share: TCP on loopback, and messages with a length in front.
#ifndef SAMPLES_HPP
#define SAMPLES_HPP

#include "sspi.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <system_error>

enum Exit { good = 0, trouble = 1, refused = 2 };

/// The peer hung up.
struct Closed : std::runtime_error {
    Closed() : std::runtime_error("the peer closed the connection") {}
};

class Socket {
public:
    explicit Socket(int fd) : fd_(fd)
    {
        if (fd < 0)
            throw std::system_error(errno, std::generic_category(), "socket");
    }
    Socket(Socket &&other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    ~Socket()
    {
        if (fd_ >= 0)
            close(fd_);
    }
    int get() const { return fd_; }

private:
    int fd_;
};

/// A message is its length in four bytes, then itself.
class Connection {
public:
    explicit Connection(Socket socket) : socket_(std::move(socket)) {}

    void send(std::string_view message) { put(number(sspi::detail::length(message)).append(message)); }

    std::string receive()
    {
        const std::uint32_t length = number(take(4));
        if (length > limit)
            throw std::length_error("a message that is too long");
        return take(length);
    }

    /// Seals a text and sends it. The peer is told how long the signature is, which stands in front.
    void say(sspi::Context &context, std::string_view text)
    {
        const std::string sealed = context.wrap(text);
        send(number(static_cast<std::uint32_t>(sealed.size() - text.size())).append(sealed));
        std::cout << "says: \"" << text << "\"" << std::endl;
    }

    void hear(sspi::Context &context)
    {
        const std::string message = receive();
        if (message.size() < 4)
            throw std::length_error("a message that is too short");
        std::cout << "hears: \"" << context.unwrap(message.substr(4)) << "\"" << std::endl;
    }

private:
    static constexpr std::uint32_t limit = 1u << 20;

    static std::string number(std::uint32_t value)
    {
        value = htonl(value);
        return std::string(reinterpret_cast<const char *>(&value), sizeof value);
    }
    static std::uint32_t number(std::string_view bytes)
    {
        std::uint32_t value;
        bytes.copy(reinterpret_cast<char *>(&value), sizeof value);
        return ntohl(value);
    }

    void put(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                throw Closed();
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    std::string take(std::size_t length)
    {
        std::string bytes(length, '\0');
        for (std::size_t at = 0; at < length;) {
            const ssize_t received = recv(socket_.get(), &bytes[at], length - at, 0);
            if (received <= 0)
                throw Closed();
            at += static_cast<std::size_t>(received);
        }
        return bytes;
    }

    Socket socket_;
};

inline sockaddr_in loopback(int port)
{
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

#endif

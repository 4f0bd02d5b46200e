// SSPI for C++17: credentials and contexts that release themselves, errors as exceptions.
//
//     auto me = sspi::Credential::outbound("Negotiate", {"alice", "EXAMPLE", "secret"});
//     sspi::Client client(me, "HTTP/server.example");
//     for (auto token = client.step(); ; token = client.step(receive())) {
//         if (!token.empty()) send(token);
//         if (client.complete()) break;
//     }
//     send(client.wrap("hello"));
//
// Strings are UTF-8, and bytes are in strings too. Copies of a credential are one handle, which the
// contexts that were made with it keep alive. A context belongs to one thread at a time.
#ifndef SSPI_HPP
#define SSPI_HPP

#include <sspi.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace sspi {

/// The name of a status, as Microsoft documents it.
inline const char *status_name(SECURITY_STATUS status) noexcept
{
#define SSPI_NAME(name) case static_cast<std::uint32_t>(name): return #name
    switch (static_cast<std::uint32_t>(status)) {
        SSPI_NAME(SEC_E_OK);
        SSPI_NAME(SEC_I_CONTINUE_NEEDED);
        SSPI_NAME(SEC_I_COMPLETE_NEEDED);
        SSPI_NAME(SEC_I_COMPLETE_AND_CONTINUE);
        SSPI_NAME(SEC_E_INSUFFICIENT_MEMORY);
        SSPI_NAME(SEC_E_INVALID_HANDLE);
        SSPI_NAME(SEC_E_UNSUPPORTED_FUNCTION);
        SSPI_NAME(SEC_E_TARGET_UNKNOWN);
        SSPI_NAME(SEC_E_INTERNAL_ERROR);
        SSPI_NAME(SEC_E_SECPKG_NOT_FOUND);
        SSPI_NAME(SEC_E_INVALID_TOKEN);
        SSPI_NAME(SEC_E_QOP_NOT_SUPPORTED);
        SSPI_NAME(SEC_E_NO_IMPERSONATION);
        SSPI_NAME(SEC_E_LOGON_DENIED);
        SSPI_NAME(SEC_E_UNKNOWN_CREDENTIALS);
        SSPI_NAME(SEC_E_NO_CREDENTIALS);
        SSPI_NAME(SEC_E_MESSAGE_ALTERED);
        SSPI_NAME(SEC_E_OUT_OF_SEQUENCE);
        SSPI_NAME(SEC_E_NO_AUTHENTICATING_AUTHORITY);
        SSPI_NAME(SEC_E_CONTEXT_EXPIRED);
        SSPI_NAME(SEC_E_INCOMPLETE_MESSAGE);
        SSPI_NAME(SEC_E_BUFFER_TOO_SMALL);
        SSPI_NAME(SEC_E_WRONG_PRINCIPAL);
        SSPI_NAME(SEC_E_TIME_SKEW);
        SSPI_NAME(SEC_E_BAD_BINDINGS);
        SSPI_NAME(SEC_E_INVALID_PARAMETER);
    default: return "SECURITY_STATUS";
    }
#undef SSPI_NAME
}

/// A call that failed; what() says which, and the status by name and number.
class Error : public std::runtime_error {
public:
    Error(const char *function, SECURITY_STATUS status)
        : std::runtime_error(text(function, status)), status_(status) {}

    SECURITY_STATUS status() const noexcept { return status_; }
    const char *name() const noexcept { return status_name(status_); }

private:
    static std::string text(const char *function, SECURITY_STATUS status)
    {
        std::array<char, 16> number;
        std::snprintf(number.data(), number.size(), " (0x%08X)", static_cast<unsigned>(status));
        return std::string(function) + ": " + status_name(status) + number.data();
    }

    SECURITY_STATUS status_;
};

namespace detail {

inline SECURITY_STATUS check(const char *function, SECURITY_STATUS status)
{
    if (status < 0)
        throw Error(function, status);
    return status;
}

inline std::uint32_t length(std::string_view data)
{
    if (data.size() > std::numeric_limits<std::uint32_t>::max())
        throw std::length_error("more bytes than a buffer of SSPI can hold");
    return static_cast<std::uint32_t>(data.size());
}

/// What the library allocated and FreeContextBuffer takes back.
struct FreeBlock {
    void operator()(void *block) const noexcept { FreeContextBuffer(block); }
};
template <typename T> using Block = std::unique_ptr<T, FreeBlock>;

/// A handle with an owner. `Release` gives it back.
template <SECURITY_STATUS (*Release)(SecHandle *)> class Handle {
public:
    Handle() noexcept { SecInvalidateHandle(&handle_); }
    ~Handle() { reset(); }
    Handle(Handle &&other) noexcept : handle_(other.handle_) { SecInvalidateHandle(&other.handle_); }
    Handle &operator=(Handle &&other) noexcept
    {
        std::swap(handle_, other.handle_);
        return *this;
    }

    explicit operator bool() const noexcept { return SecIsValidHandle(&handle_); }
    SecHandle *get() const noexcept { return &handle_; }
    void reset() noexcept
    {
        if (*this)
            Release(&handle_);
        SecInvalidateHandle(&handle_);
    }

private:
    // The functions take what they only read by a pointer that is not const.
    mutable SecHandle handle_;
};

inline SecBuffer buffer(std::uint32_t type, std::string &bytes)
{
    return {length(bytes), type, bytes.data()};
}

inline std::string_view view(const SecBuffer &buffer)
{
    return buffer.cbBuffer == 0 ? "" : std::string_view(static_cast<const char *>(buffer.pvBuffer), buffer.cbBuffer);
}

} // namespace detail

/// A user and a password.
struct Identity {
    std::string user, domain, password;
};

/// Who one is, for one package: "NTLM", "Kerberos" or "Negotiate".
class Credential {
public:
    /// A client's, of the named user.
    static Credential outbound(const std::string &package, const Identity &who)
    {
        return Credential(package, SECPKG_CRED_OUTBOUND, &who);
    }
    /// A client's, of the user whom the machine is logged on as.
    static Credential outbound(const std::string &package)
    {
        return Credential(package, SECPKG_CRED_OUTBOUND, nullptr);
    }
    /// A server's.
    static Credential inbound(const std::string &package)
    {
        return Credential(package, SECPKG_CRED_INBOUND, nullptr);
    }

    CredHandle *get() const noexcept { return handle_->get(); }

private:
    Credential(const std::string &package, std::uint32_t use, const Identity *who)
    {
        SEC_WINNT_AUTH_IDENTITY_A identity = {};
        if (who != nullptr) {
            identity.User = bytes(who->user);
            identity.UserLength = detail::length(who->user);
            identity.Domain = bytes(who->domain);
            identity.DomainLength = detail::length(who->domain);
            identity.Password = bytes(who->password);
            identity.PasswordLength = detail::length(who->password);
            identity.Flags = SEC_WINNT_AUTH_IDENTITY_ANSI;
        }
        TimeStamp expiry;
        detail::check("AcquireCredentialsHandle",
                      AcquireCredentialsHandleA(nullptr, package.c_str(), use, nullptr, who ? &identity : nullptr,
                                                nullptr, nullptr, handle_->get(), &expiry));
    }

    static unsigned char *bytes(const std::string &text)
    {
        return reinterpret_cast<unsigned char *>(const_cast<char *>(text.data()));
    }

    using Handle = detail::Handle<FreeCredentialsHandle>;
    std::shared_ptr<Handle> handle_ = std::make_shared<Handle>();
};

/// One end of a conversation: what client and server share.
class Context {
public:
    /// Takes the peer's token and returns the one for the peer, which is empty when there is none to send.
    std::string step(std::string token = {})
    {
        SecBuffer in = detail::buffer(SECBUFFER_TOKEN, token), out = {0, SECBUFFER_TOKEN, nullptr};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
        SECURITY_STATUS status = advance(handle_ ? handle_.get() : nullptr, &input, &output);
        detail::Block<void> owned(out.pvBuffer);
        if (status == SEC_I_COMPLETE_NEEDED || status == SEC_I_COMPLETE_AND_CONTINUE)
            detail::check("CompleteAuthToken", CompleteAuthToken(handle_.get(), &output));
        complete_ = status == SEC_E_OK || status == SEC_I_COMPLETE_NEEDED;
        return std::string(detail::view(out));
    }

    bool complete() const noexcept { return complete_; }
    /// ISC_RET_* or ASC_RET_*: what the connection offers.
    std::uint32_t attributes() const noexcept { return attributes_; }

    /// Seals: what the peer's unwrap() opens.
    std::string wrap(std::string_view data)
    {
        const auto sizes = query<SecPkgContext_Sizes>(SECPKG_ATTR_SIZES);
        std::string token(sizes.cbSecurityTrailer, '\0'), sealed(data), padding(sizes.cbBlockSize, '\0');
        std::array<SecBuffer, 3> parts = {detail::buffer(SECBUFFER_TOKEN, token),
                                          detail::buffer(SECBUFFER_DATA, sealed),
                                          detail::buffer(SECBUFFER_PADDING, padding)};
        SecBufferDesc message = describe(parts);
        detail::check("EncryptMessage", EncryptMessage(handle_.get(), 0, &message, 0));
        // Token and padding may be shorter than what was set aside for them.
        std::string whole;
        for (const SecBuffer &part : parts)
            whole.append(detail::view(part));
        return whole;
    }

    /// Opens what the peer's wrap() made; throws Error (SEC_E_MESSAGE_ALTERED) when it was changed.
    std::string unwrap(std::string sealed)
    {
        std::array<SecBuffer, 2> parts = {detail::buffer(SECBUFFER_STREAM, sealed),
                                          SecBuffer{0, SECBUFFER_DATA, nullptr}};
        SecBufferDesc message = describe(parts);
        detail::check("DecryptMessage", DecryptMessage(handle_.get(), &message, 0, nullptr));
        // The data is a part of the stream, in its place.
        return std::string(detail::view(parts[1]));
    }

    /// A signature to send beside the data.
    std::string sign(std::string data)
    {
        std::string signature(query<SecPkgContext_Sizes>(SECPKG_ATTR_SIZES).cbMaxSignature, '\0');
        std::array<SecBuffer, 2> parts = {detail::buffer(SECBUFFER_DATA, data),
                                          detail::buffer(SECBUFFER_TOKEN, signature)};
        SecBufferDesc message = describe(parts);
        detail::check("MakeSignature", MakeSignature(handle_.get(), 0, &message, 0));
        signature.resize(parts[1].cbBuffer);
        return signature;
    }

    /// Throws Error (SEC_E_MESSAGE_ALTERED) unless the signature is the peer's.
    void verify(std::string data, std::string signature)
    {
        std::array<SecBuffer, 2> parts = {detail::buffer(SECBUFFER_DATA, data),
                                          detail::buffer(SECBUFFER_TOKEN, signature)};
        SecBufferDesc message = describe(parts);
        detail::check("VerifySignature", VerifySignature(handle_.get(), &message, 0, nullptr));
    }

    /// The client, DOMAIN\user.
    std::string user() const
    {
        detail::Block<char> name(query<SecPkgContext_NamesA>(SECPKG_ATTR_NAMES).sUserName);
        return name.get();
    }

    /// The package that did the work: of Negotiate, the one that was chosen.
    std::string package() const
    {
        detail::Block<SecPkgInfoA> info(query<SecPkgContext_PackageInfoA>(SECPKG_ATTR_PACKAGE_INFO).PackageInfo);
        return info->Name;
    }

    /// QueryContextAttributes, for any attribute; pointers in the answer are the caller's to free.
    template <typename Answer> Answer query(std::uint32_t attribute) const
    {
        Answer answer = {};
        detail::check("QueryContextAttributes", QueryContextAttributesA(handle_.get(), attribute, &answer));
        return answer;
    }

protected:
    Context() = default;
    ~Context() = default;
    Context(Context &&) = default;
    Context &operator=(Context &&) = default;

    virtual SECURITY_STATUS advance(CtxtHandle *existing, SecBufferDesc *in, SecBufferDesc *out) = 0;

    detail::Handle<DeleteSecurityContext> handle_;
    std::uint32_t attributes_ = 0;

private:
    template <std::size_t N> static SecBufferDesc describe(std::array<SecBuffer, N> &parts)
    {
        return {SECBUFFER_VERSION, static_cast<std::uint32_t>(N), parts.data()};
    }

    bool complete_ = false;
};

/// The end that speaks first.
class Client final : public Context {
public:
    static constexpr std::uint32_t defaults =
        ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY | ISC_REQ_REPLAY_DETECT | ISC_REQ_SEQUENCE_DETECT;

    /// `target` is the service's name, class/host.
    Client(Credential credential, std::string target, std::uint32_t flags = defaults)
        : credential_(std::move(credential)), target_(std::move(target)), flags_(flags | ISC_REQ_ALLOCATE_MEMORY) {}

private:
    SECURITY_STATUS advance(CtxtHandle *existing, SecBufferDesc *in, SecBufferDesc *out) override
    {
        TimeStamp expiry;
        return detail::check("InitializeSecurityContext",
                             InitializeSecurityContextA(credential_.get(), existing, target_.c_str(), flags_, 0,
                                                        SECURITY_NATIVE_DREP, existing ? in : nullptr, 0,
                                                        handle_.get(), out, &attributes_, &expiry));
    }

    Credential credential_;
    std::string target_;
    std::uint32_t flags_;
};

/// The end that decides who may come in.
class Server final : public Context {
public:
    static constexpr std::uint32_t defaults =
        ASC_REQ_CONFIDENTIALITY | ASC_REQ_INTEGRITY | ASC_REQ_REPLAY_DETECT | ASC_REQ_SEQUENCE_DETECT;

    explicit Server(Credential credential, std::uint32_t flags = defaults)
        : credential_(std::move(credential)), flags_(flags | ASC_REQ_ALLOCATE_MEMORY) {}

private:
    SECURITY_STATUS advance(CtxtHandle *existing, SecBufferDesc *in, SecBufferDesc *out) override
    {
        TimeStamp expiry;
        return detail::check("AcceptSecurityContext",
                             AcceptSecurityContext(credential_.get(), existing, in, flags_, SECURITY_NATIVE_DREP,
                                                   handle_.get(), out, &attributes_, &expiry));
    }

    Credential credential_;
    std::uint32_t flags_;
};

} // namespace sspi

#endif

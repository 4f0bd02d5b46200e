/*
 * Sizes, alignments and offsets of every structure, as Windows' compilers have them for 64 and 32 bits.
 * Compiling is the test: an array of -1 elements is what a wrong number becomes.
 */
#include "security.h"

#define TYPE(type, size, alignment)                                                   \
    struct aligned_##type { char first; type second; };                               \
    extern char layout_holds[sizeof(type) == (size) ? 1 : -1];                        \
    extern char layout_holds[offsetof(struct aligned_##type, second) == (alignment) ? 1 : -1]
#define FIELD(type, field, offset) \
    extern char layout_holds[offsetof(type, field) == (offset) ? 1 : -1]

#if UINTPTR_MAX > 0xffffffff
#define P(wide, narrow) (wide)
#else
#define P(wide, narrow) (narrow)
#endif
#if UINTPTR_MAX > 0xffffffff || defined(_WIN32)
#define ALIGNMENT_OF_64_BITS 8
#else
#define ALIGNMENT_OF_64_BITS 4
#endif

TYPE(SecHandle, P(16, 8), P(8, 4));
FIELD(SecHandle, dwLower, 0);
FIELD(SecHandle, dwUpper, P(8, 4));

TYPE(SecPkgInfoW, P(32, 20), P(8, 4));
FIELD(SecPkgInfoW, fCapabilities, 0);
FIELD(SecPkgInfoW, wVersion, 4);
FIELD(SecPkgInfoW, wRPCID, 6);
FIELD(SecPkgInfoW, cbMaxToken, 8);
FIELD(SecPkgInfoW, Name, P(16, 12));
FIELD(SecPkgInfoW, Comment, P(24, 16));

TYPE(SecPkgInfoA, P(32, 20), P(8, 4));
FIELD(SecPkgInfoA, fCapabilities, 0);
FIELD(SecPkgInfoA, wVersion, 4);
FIELD(SecPkgInfoA, wRPCID, 6);
FIELD(SecPkgInfoA, cbMaxToken, 8);
FIELD(SecPkgInfoA, Name, P(16, 12));
FIELD(SecPkgInfoA, Comment, P(24, 16));

TYPE(SecBuffer, P(16, 12), P(8, 4));
FIELD(SecBuffer, cbBuffer, 0);
FIELD(SecBuffer, BufferType, 4);
FIELD(SecBuffer, pvBuffer, 8);

TYPE(SecBufferDesc, P(16, 12), P(8, 4));
FIELD(SecBufferDesc, ulVersion, 0);
FIELD(SecBufferDesc, cBuffers, 4);
FIELD(SecBufferDesc, pBuffers, 8);

TYPE(SEC_NEGOTIATION_INFO, P(24, 16), P(8, 4));
FIELD(SEC_NEGOTIATION_INFO, Size, 0);
FIELD(SEC_NEGOTIATION_INFO, NameLength, 4);
FIELD(SEC_NEGOTIATION_INFO, Name, 8);
FIELD(SEC_NEGOTIATION_INFO, Reserved, P(16, 12));

TYPE(SEC_CHANNEL_BINDINGS, 32, 4);
FIELD(SEC_CHANNEL_BINDINGS, dwInitiatorAddrType, 0);
FIELD(SEC_CHANNEL_BINDINGS, cbInitiatorLength, 4);
FIELD(SEC_CHANNEL_BINDINGS, dwInitiatorOffset, 8);
FIELD(SEC_CHANNEL_BINDINGS, dwAcceptorAddrType, 12);
FIELD(SEC_CHANNEL_BINDINGS, cbAcceptorLength, 16);
FIELD(SEC_CHANNEL_BINDINGS, dwAcceptorOffset, 20);
FIELD(SEC_CHANNEL_BINDINGS, cbApplicationDataLength, 24);
FIELD(SEC_CHANNEL_BINDINGS, dwApplicationDataOffset, 28);

TYPE(SEC_APPLICATION_PROTOCOL_LIST, 8, 4);
FIELD(SEC_APPLICATION_PROTOCOL_LIST, ProtoNegoExt, 0);
FIELD(SEC_APPLICATION_PROTOCOL_LIST, ProtocolListSize, 4);
FIELD(SEC_APPLICATION_PROTOCOL_LIST, ProtocolList, 6);

TYPE(SEC_APPLICATION_PROTOCOLS, 12, 4);
FIELD(SEC_APPLICATION_PROTOCOLS, ProtocolListsSize, 0);
FIELD(SEC_APPLICATION_PROTOCOLS, ProtocolLists, 4);

TYPE(SEC_SRTP_PROTECTION_PROFILES, 4, 2);
FIELD(SEC_SRTP_PROTECTION_PROFILES, ProfilesSize, 0);
FIELD(SEC_SRTP_PROTECTION_PROFILES, ProfilesList, 2);

TYPE(SEC_SRTP_MASTER_KEY_IDENTIFIER, 2, 1);
FIELD(SEC_SRTP_MASTER_KEY_IDENTIFIER, MasterKeyIdentifierSize, 0);
FIELD(SEC_SRTP_MASTER_KEY_IDENTIFIER, MasterKeyIdentifier, 1);

TYPE(SEC_TOKEN_BINDING, 6, 2);
FIELD(SEC_TOKEN_BINDING, MajorVersion, 0);
FIELD(SEC_TOKEN_BINDING, MinorVersion, 1);
FIELD(SEC_TOKEN_BINDING, KeyParametersSize, 2);
FIELD(SEC_TOKEN_BINDING, KeyParameters, 4);

TYPE(SEC_PRESHAREDKEY, 4, 2);
FIELD(SEC_PRESHAREDKEY, KeySize, 0);
FIELD(SEC_PRESHAREDKEY, Key, 2);

TYPE(SEC_PRESHAREDKEY_IDENTITY, 4, 2);
FIELD(SEC_PRESHAREDKEY_IDENTITY, KeyIdentitySize, 0);
FIELD(SEC_PRESHAREDKEY_IDENTITY, KeyIdentity, 2);

TYPE(SEC_DTLS_MTU, 2, 2);
FIELD(SEC_DTLS_MTU, PathMTU, 0);

TYPE(SEC_FLAGS, 8, ALIGNMENT_OF_64_BITS);
FIELD(SEC_FLAGS, Flags, 0);

TYPE(SEC_TRAFFIC_SECRETS, 400, 4);
FIELD(SEC_TRAFFIC_SECRETS, SymmetricAlgId, 0);
FIELD(SEC_TRAFFIC_SECRETS, ChainingMode, 128);
FIELD(SEC_TRAFFIC_SECRETS, HashAlgId, 256);
FIELD(SEC_TRAFFIC_SECRETS, KeySize, 384);
FIELD(SEC_TRAFFIC_SECRETS, IvSize, 386);
FIELD(SEC_TRAFFIC_SECRETS, MsgSequenceStart, 388);
FIELD(SEC_TRAFFIC_SECRETS, MsgSequenceEnd, 390);
FIELD(SEC_TRAFFIC_SECRETS, TrafficSecretType, 392);
FIELD(SEC_TRAFFIC_SECRETS, TrafficSecretSize, 396);
FIELD(SEC_TRAFFIC_SECRETS, TrafficSecret, 398);

TYPE(SecPkgCredentials_NamesW, P(8, 4), P(8, 4));
FIELD(SecPkgCredentials_NamesW, sUserName, 0);

TYPE(SecPkgCredentials_NamesA, P(8, 4), P(8, 4));
FIELD(SecPkgCredentials_NamesA, sUserName, 0);

TYPE(SecPkgCredentials_SSIProviderW, P(24, 12), P(8, 4));
FIELD(SecPkgCredentials_SSIProviderW, sProviderName, 0);
FIELD(SecPkgCredentials_SSIProviderW, ProviderInfoLength, P(8, 4));
FIELD(SecPkgCredentials_SSIProviderW, ProviderInfo, P(16, 8));

TYPE(SecPkgCredentials_SSIProviderA, P(24, 12), P(8, 4));
FIELD(SecPkgCredentials_SSIProviderA, sProviderName, 0);
FIELD(SecPkgCredentials_SSIProviderA, ProviderInfoLength, P(8, 4));
FIELD(SecPkgCredentials_SSIProviderA, ProviderInfo, P(16, 8));

TYPE(SecPkgCredentials_KdcProxySettingsW, 16, 4);
FIELD(SecPkgCredentials_KdcProxySettingsW, Version, 0);
FIELD(SecPkgCredentials_KdcProxySettingsW, Flags, 4);
FIELD(SecPkgCredentials_KdcProxySettingsW, ProxyServerOffset, 8);
FIELD(SecPkgCredentials_KdcProxySettingsW, ProxyServerLength, 10);
FIELD(SecPkgCredentials_KdcProxySettingsW, ClientTlsCredOffset, 12);
FIELD(SecPkgCredentials_KdcProxySettingsW, ClientTlsCredLength, 14);

TYPE(SecPkgCredentials_Cert, P(16, 8), P(8, 4));
FIELD(SecPkgCredentials_Cert, EncodedCertSize, 0);
FIELD(SecPkgCredentials_Cert, EncodedCert, P(8, 4));

TYPE(SecPkgContext_SubjectAttributes, P(8, 4), P(8, 4));
FIELD(SecPkgContext_SubjectAttributes, AttributeInfo, 0);

TYPE(SecPkgContext_CredInfo, 8, 4);
FIELD(SecPkgContext_CredInfo, CredClass, 0);
FIELD(SecPkgContext_CredInfo, IsPromptingNeeded, 4);

TYPE(SecPkgContext_NegoPackageInfo, 4, 4);
FIELD(SecPkgContext_NegoPackageInfo, PackageMask, 0);

TYPE(SecPkgContext_NegoStatus, 4, 4);
FIELD(SecPkgContext_NegoStatus, LastStatus, 0);

TYPE(SecPkgContext_Sizes, 16, 4);
FIELD(SecPkgContext_Sizes, cbMaxToken, 0);
FIELD(SecPkgContext_Sizes, cbMaxSignature, 4);
FIELD(SecPkgContext_Sizes, cbBlockSize, 8);
FIELD(SecPkgContext_Sizes, cbSecurityTrailer, 12);

TYPE(SecPkgContext_StreamSizes, 20, 4);
FIELD(SecPkgContext_StreamSizes, cbHeader, 0);
FIELD(SecPkgContext_StreamSizes, cbTrailer, 4);
FIELD(SecPkgContext_StreamSizes, cbMaximumMessage, 8);
FIELD(SecPkgContext_StreamSizes, cBuffers, 12);
FIELD(SecPkgContext_StreamSizes, cbBlockSize, 16);

TYPE(SecPkgContext_NamesW, P(8, 4), P(8, 4));
FIELD(SecPkgContext_NamesW, sUserName, 0);

TYPE(SecPkgContext_LastClientTokenStatus, 4, 4);
FIELD(SecPkgContext_LastClientTokenStatus, LastClientTokenStatus, 0);

TYPE(SecPkgContext_NamesA, P(8, 4), P(8, 4));
FIELD(SecPkgContext_NamesA, sUserName, 0);

TYPE(SecPkgContext_Lifespan, 16, ALIGNMENT_OF_64_BITS);
FIELD(SecPkgContext_Lifespan, tsStart, 0);
FIELD(SecPkgContext_Lifespan, tsExpiry, 8);

TYPE(SecPkgContext_DceInfo, P(16, 8), P(8, 4));
FIELD(SecPkgContext_DceInfo, AuthzSvc, 0);
FIELD(SecPkgContext_DceInfo, pPac, P(8, 4));

TYPE(SecPkgContext_KeyInfoA, P(32, 20), P(8, 4));
FIELD(SecPkgContext_KeyInfoA, sSignatureAlgorithmName, 0);
FIELD(SecPkgContext_KeyInfoA, sEncryptAlgorithmName, P(8, 4));
FIELD(SecPkgContext_KeyInfoA, KeySize, P(16, 8));
FIELD(SecPkgContext_KeyInfoA, SignatureAlgorithm, P(20, 12));
FIELD(SecPkgContext_KeyInfoA, EncryptAlgorithm, P(24, 16));

TYPE(SecPkgContext_KeyInfoW, P(32, 20), P(8, 4));
FIELD(SecPkgContext_KeyInfoW, sSignatureAlgorithmName, 0);
FIELD(SecPkgContext_KeyInfoW, sEncryptAlgorithmName, P(8, 4));
FIELD(SecPkgContext_KeyInfoW, KeySize, P(16, 8));
FIELD(SecPkgContext_KeyInfoW, SignatureAlgorithm, P(20, 12));
FIELD(SecPkgContext_KeyInfoW, EncryptAlgorithm, P(24, 16));

TYPE(SecPkgContext_AuthorityA, P(8, 4), P(8, 4));
FIELD(SecPkgContext_AuthorityA, sAuthorityName, 0);

TYPE(SecPkgContext_AuthorityW, P(8, 4), P(8, 4));
FIELD(SecPkgContext_AuthorityW, sAuthorityName, 0);

TYPE(SecPkgContext_ProtoInfoA, P(16, 12), P(8, 4));
FIELD(SecPkgContext_ProtoInfoA, sProtocolName, 0);
FIELD(SecPkgContext_ProtoInfoA, majorVersion, P(8, 4));
FIELD(SecPkgContext_ProtoInfoA, minorVersion, P(12, 8));

TYPE(SecPkgContext_ProtoInfoW, P(16, 12), P(8, 4));
FIELD(SecPkgContext_ProtoInfoW, sProtocolName, 0);
FIELD(SecPkgContext_ProtoInfoW, majorVersion, P(8, 4));
FIELD(SecPkgContext_ProtoInfoW, minorVersion, P(12, 8));

TYPE(SecPkgContext_PasswordExpiry, 8, ALIGNMENT_OF_64_BITS);
FIELD(SecPkgContext_PasswordExpiry, tsPasswordExpires, 0);

TYPE(SecPkgContext_LogoffTime, 8, ALIGNMENT_OF_64_BITS);
FIELD(SecPkgContext_LogoffTime, tsLogoffTime, 0);

TYPE(SecPkgContext_SessionKey, P(16, 8), P(8, 4));
FIELD(SecPkgContext_SessionKey, SessionKeyLength, 0);
FIELD(SecPkgContext_SessionKey, SessionKey, P(8, 4));

TYPE(SecPkgContext_NegoKeys, P(32, 24), P(8, 4));
FIELD(SecPkgContext_NegoKeys, KeyType, 0);
FIELD(SecPkgContext_NegoKeys, KeyLength, 4);
FIELD(SecPkgContext_NegoKeys, KeyValue, 8);
FIELD(SecPkgContext_NegoKeys, VerifyKeyType, P(16, 12));
FIELD(SecPkgContext_NegoKeys, VerifyKeyLength, P(20, 16));
FIELD(SecPkgContext_NegoKeys, VerifyKeyValue, P(24, 20));

TYPE(SecPkgContext_PackageInfoW, P(8, 4), P(8, 4));
FIELD(SecPkgContext_PackageInfoW, PackageInfo, 0);

TYPE(SecPkgContext_PackageInfoA, P(8, 4), P(8, 4));
FIELD(SecPkgContext_PackageInfoA, PackageInfo, 0);

TYPE(SecPkgContext_UserFlags, 4, 4);
FIELD(SecPkgContext_UserFlags, UserFlags, 0);

TYPE(SecPkgContext_Flags, 4, 4);
FIELD(SecPkgContext_Flags, Flags, 0);

TYPE(SecPkgContext_NegotiationInfoA, P(16, 8), P(8, 4));
FIELD(SecPkgContext_NegotiationInfoA, PackageInfo, 0);
FIELD(SecPkgContext_NegotiationInfoA, NegotiationState, P(8, 4));

TYPE(SecPkgContext_NegotiationInfoW, P(16, 8), P(8, 4));
FIELD(SecPkgContext_NegotiationInfoW, PackageInfo, 0);
FIELD(SecPkgContext_NegotiationInfoW, NegotiationState, P(8, 4));

TYPE(SecPkgContext_NativeNamesW, P(16, 8), P(8, 4));
FIELD(SecPkgContext_NativeNamesW, sClientName, 0);
FIELD(SecPkgContext_NativeNamesW, sServerName, P(8, 4));

TYPE(SecPkgContext_NativeNamesA, P(16, 8), P(8, 4));
FIELD(SecPkgContext_NativeNamesA, sClientName, 0);
FIELD(SecPkgContext_NativeNamesA, sServerName, P(8, 4));

TYPE(SecPkgContext_CredentialNameW, P(16, 8), P(8, 4));
FIELD(SecPkgContext_CredentialNameW, CredentialType, 0);
FIELD(SecPkgContext_CredentialNameW, sCredentialName, P(8, 4));

TYPE(SecPkgContext_CredentialNameA, P(16, 8), P(8, 4));
FIELD(SecPkgContext_CredentialNameA, CredentialType, 0);
FIELD(SecPkgContext_CredentialNameA, sCredentialName, P(8, 4));

TYPE(SecPkgContext_AccessToken, P(8, 4), P(8, 4));
FIELD(SecPkgContext_AccessToken, AccessToken, 0);

TYPE(SecPkgContext_TargetInformation, P(16, 8), P(8, 4));
FIELD(SecPkgContext_TargetInformation, MarshalledTargetInfoLength, 0);
FIELD(SecPkgContext_TargetInformation, MarshalledTargetInfo, P(8, 4));

TYPE(SecPkgContext_AuthzID, P(16, 8), P(8, 4));
FIELD(SecPkgContext_AuthzID, AuthzIDLength, 0);
FIELD(SecPkgContext_AuthzID, AuthzID, P(8, 4));

TYPE(SecPkgContext_Target, P(16, 8), P(8, 4));
FIELD(SecPkgContext_Target, TargetLength, 0);
FIELD(SecPkgContext_Target, Target, P(8, 4));

TYPE(SecPkgContext_ClientSpecifiedTarget, P(8, 4), P(8, 4));
FIELD(SecPkgContext_ClientSpecifiedTarget, sTargetName, 0);

TYPE(SecPkgContext_Bindings, P(16, 8), P(8, 4));
FIELD(SecPkgContext_Bindings, BindingsLength, 0);
FIELD(SecPkgContext_Bindings, Bindings, P(8, 4));

TYPE(SecPkgContext_ApplicationProtocol, 264, 4);
FIELD(SecPkgContext_ApplicationProtocol, ProtoNegoStatus, 0);
FIELD(SecPkgContext_ApplicationProtocol, ProtoNegoExt, 4);
FIELD(SecPkgContext_ApplicationProtocol, ProtocolIdSize, 8);
FIELD(SecPkgContext_ApplicationProtocol, ProtocolId, 9);

TYPE(SecPkgContext_NegotiatedTlsExtensions, P(16, 8), P(8, 4));
FIELD(SecPkgContext_NegotiatedTlsExtensions, ExtensionsCount, 0);
FIELD(SecPkgContext_NegotiatedTlsExtensions, Extensions, P(8, 4));

TYPE(SECPKG_APP_MODE_INFO, P(48, 28), P(8, 4));
FIELD(SECPKG_APP_MODE_INFO, UserFunction, 0);
FIELD(SECPKG_APP_MODE_INFO, Argument1, P(8, 4));
FIELD(SECPKG_APP_MODE_INFO, Argument2, P(16, 8));
FIELD(SECPKG_APP_MODE_INFO, UserData, P(24, 12));
FIELD(SECPKG_APP_MODE_INFO, ReturnToLsa, P(40, 24));

TYPE(SecurityFunctionTableW, P(256, 128), P(8, 4));
FIELD(SecurityFunctionTableW, dwVersion, 0);
FIELD(SecurityFunctionTableW, EnumerateSecurityPackagesW, P(8, 4));
FIELD(SecurityFunctionTableW, QueryCredentialsAttributesW, P(16, 8));
FIELD(SecurityFunctionTableW, AcquireCredentialsHandleW, P(24, 12));
FIELD(SecurityFunctionTableW, FreeCredentialsHandle, P(32, 16));
FIELD(SecurityFunctionTableW, Reserved2, P(40, 20));
FIELD(SecurityFunctionTableW, InitializeSecurityContextW, P(48, 24));
FIELD(SecurityFunctionTableW, AcceptSecurityContext, P(56, 28));
FIELD(SecurityFunctionTableW, CompleteAuthToken, P(64, 32));
FIELD(SecurityFunctionTableW, DeleteSecurityContext, P(72, 36));
FIELD(SecurityFunctionTableW, ApplyControlToken, P(80, 40));
FIELD(SecurityFunctionTableW, QueryContextAttributesW, P(88, 44));
FIELD(SecurityFunctionTableW, ImpersonateSecurityContext, P(96, 48));
FIELD(SecurityFunctionTableW, RevertSecurityContext, P(104, 52));
FIELD(SecurityFunctionTableW, MakeSignature, P(112, 56));
FIELD(SecurityFunctionTableW, VerifySignature, P(120, 60));
FIELD(SecurityFunctionTableW, FreeContextBuffer, P(128, 64));
FIELD(SecurityFunctionTableW, QuerySecurityPackageInfoW, P(136, 68));
FIELD(SecurityFunctionTableW, Reserved3, P(144, 72));
FIELD(SecurityFunctionTableW, Reserved4, P(152, 76));
FIELD(SecurityFunctionTableW, ExportSecurityContext, P(160, 80));
FIELD(SecurityFunctionTableW, ImportSecurityContextW, P(168, 84));
FIELD(SecurityFunctionTableW, AddCredentialsW, P(176, 88));
FIELD(SecurityFunctionTableW, Reserved8, P(184, 92));
FIELD(SecurityFunctionTableW, QuerySecurityContextToken, P(192, 96));
FIELD(SecurityFunctionTableW, EncryptMessage, P(200, 100));
FIELD(SecurityFunctionTableW, DecryptMessage, P(208, 104));
FIELD(SecurityFunctionTableW, SetContextAttributesW, P(216, 108));
FIELD(SecurityFunctionTableW, SetCredentialsAttributesW, P(224, 112));
FIELD(SecurityFunctionTableW, ChangeAccountPasswordW, P(232, 116));
FIELD(SecurityFunctionTableW, QueryContextAttributesExW, P(240, 120));
FIELD(SecurityFunctionTableW, QueryCredentialsAttributesExW, P(248, 124));

TYPE(SecurityFunctionTableA, P(256, 128), P(8, 4));
FIELD(SecurityFunctionTableA, dwVersion, 0);
FIELD(SecurityFunctionTableA, EnumerateSecurityPackagesA, P(8, 4));
FIELD(SecurityFunctionTableA, QueryCredentialsAttributesA, P(16, 8));
FIELD(SecurityFunctionTableA, AcquireCredentialsHandleA, P(24, 12));
FIELD(SecurityFunctionTableA, FreeCredentialHandle, P(32, 16));
FIELD(SecurityFunctionTableA, Reserved2, P(40, 20));
FIELD(SecurityFunctionTableA, InitializeSecurityContextA, P(48, 24));
FIELD(SecurityFunctionTableA, AcceptSecurityContext, P(56, 28));
FIELD(SecurityFunctionTableA, CompleteAuthToken, P(64, 32));
FIELD(SecurityFunctionTableA, DeleteSecurityContext, P(72, 36));
FIELD(SecurityFunctionTableA, ApplyControlToken, P(80, 40));
FIELD(SecurityFunctionTableA, QueryContextAttributesA, P(88, 44));
FIELD(SecurityFunctionTableA, ImpersonateSecurityContext, P(96, 48));
FIELD(SecurityFunctionTableA, RevertSecurityContext, P(104, 52));
FIELD(SecurityFunctionTableA, MakeSignature, P(112, 56));
FIELD(SecurityFunctionTableA, VerifySignature, P(120, 60));
FIELD(SecurityFunctionTableA, FreeContextBuffer, P(128, 64));
FIELD(SecurityFunctionTableA, QuerySecurityPackageInfoA, P(136, 68));
FIELD(SecurityFunctionTableA, Reserved3, P(144, 72));
FIELD(SecurityFunctionTableA, Reserved4, P(152, 76));
FIELD(SecurityFunctionTableA, ExportSecurityContext, P(160, 80));
FIELD(SecurityFunctionTableA, ImportSecurityContextA, P(168, 84));
FIELD(SecurityFunctionTableA, AddCredentialsA, P(176, 88));
FIELD(SecurityFunctionTableA, Reserved8, P(184, 92));
FIELD(SecurityFunctionTableA, QuerySecurityContextToken, P(192, 96));
FIELD(SecurityFunctionTableA, EncryptMessage, P(200, 100));
FIELD(SecurityFunctionTableA, DecryptMessage, P(208, 104));
FIELD(SecurityFunctionTableA, SetContextAttributesA, P(216, 108));
FIELD(SecurityFunctionTableA, SetCredentialsAttributesA, P(224, 112));
FIELD(SecurityFunctionTableA, ChangeAccountPasswordA, P(232, 116));
FIELD(SecurityFunctionTableA, QueryContextAttributesExA, P(240, 120));
FIELD(SecurityFunctionTableA, QueryCredentialsAttributesExA, P(248, 124));

TYPE(SEC_WINNT_AUTH_IDENTITY_EX2, 48, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, Version, 0);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, cbHeaderLength, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, cbStructureLength, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, UserOffset, 12);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, UserLength, 16);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, DomainOffset, 20);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, DomainLength, 24);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, PackedCredentialsOffset, 28);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, PackedCredentialsLength, 32);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, Flags, 36);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, PackageListOffset, 40);
FIELD(SEC_WINNT_AUTH_IDENTITY_EX2, PackageListLength, 44);

TYPE(SEC_WINNT_AUTH_IDENTITY_W, P(48, 28), P(8, 4));
FIELD(SEC_WINNT_AUTH_IDENTITY_W, User, 0);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, UserLength, P(8, 4));
FIELD(SEC_WINNT_AUTH_IDENTITY_W, Domain, P(16, 8));
FIELD(SEC_WINNT_AUTH_IDENTITY_W, DomainLength, P(24, 12));
FIELD(SEC_WINNT_AUTH_IDENTITY_W, Password, P(32, 16));
FIELD(SEC_WINNT_AUTH_IDENTITY_W, PasswordLength, P(40, 20));
FIELD(SEC_WINNT_AUTH_IDENTITY_W, Flags, P(44, 24));

TYPE(SEC_WINNT_AUTH_IDENTITY_A, P(48, 28), P(8, 4));
FIELD(SEC_WINNT_AUTH_IDENTITY_A, User, 0);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, UserLength, P(8, 4));
FIELD(SEC_WINNT_AUTH_IDENTITY_A, Domain, P(16, 8));
FIELD(SEC_WINNT_AUTH_IDENTITY_A, DomainLength, P(24, 12));
FIELD(SEC_WINNT_AUTH_IDENTITY_A, Password, P(32, 16));
FIELD(SEC_WINNT_AUTH_IDENTITY_A, PasswordLength, P(40, 20));
FIELD(SEC_WINNT_AUTH_IDENTITY_A, Flags, P(44, 24));

TYPE(SEC_WINNT_AUTH_IDENTITY_EXW, P(72, 44), P(8, 4));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Version, 0);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Length, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, User, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, UserLength, P(16, 12));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Domain, P(24, 16));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, DomainLength, P(32, 20));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Password, P(40, 24));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, PasswordLength, P(48, 28));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Flags, P(52, 32));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, PackageList, P(56, 36));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, PackageListLength, P(64, 40));

TYPE(SEC_WINNT_AUTH_IDENTITY_EXA, P(72, 44), P(8, 4));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Version, 0);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Length, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, User, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, UserLength, P(16, 12));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Domain, P(24, 16));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, DomainLength, P(32, 20));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Password, P(40, 24));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, PasswordLength, P(48, 28));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Flags, P(52, 32));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, PackageList, P(56, 36));
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, PackageListLength, P(64, 40));

TYPE(SECURITY_PACKAGE_OPTIONS, P(24, 20), P(8, 4));
FIELD(SECURITY_PACKAGE_OPTIONS, Size, 0);
FIELD(SECURITY_PACKAGE_OPTIONS, Type, 4);
FIELD(SECURITY_PACKAGE_OPTIONS, Flags, 8);
FIELD(SECURITY_PACKAGE_OPTIONS, SignatureSize, 12);
FIELD(SECURITY_PACKAGE_OPTIONS, Signature, 16);

TYPE(TimeStamp, 8, ALIGNMENT_OF_64_BITS);
FIELD(TimeStamp, LowPart, 0);
FIELD(TimeStamp, HighPart, 4);
FIELD(TimeStamp, QuadPart, 0);

TYPE(SECURITY_STRING, P(16, 8), P(8, 4));
FIELD(SECURITY_STRING, Length, 0);
FIELD(SECURITY_STRING, MaximumLength, 2);
FIELD(SECURITY_STRING, Buffer, P(8, 4));

TYPE(SEC_CHANNEL_BINDINGS_EX, 48, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, magicNumber, 0);
FIELD(SEC_CHANNEL_BINDINGS_EX, flags, 4);
FIELD(SEC_CHANNEL_BINDINGS_EX, cbHeaderLength, 8);
FIELD(SEC_CHANNEL_BINDINGS_EX, cbStructureLength, 12);
FIELD(SEC_CHANNEL_BINDINGS_EX, dwInitiatorAddrType, 16);
FIELD(SEC_CHANNEL_BINDINGS_EX, dwApplicationDataOffset, 44);

TYPE(SEC_CHANNEL_BINDINGS_RESULT, 4, 4);
FIELD(SEC_CHANNEL_BINDINGS_RESULT, flags, 0);

TYPE(GUID, 16, 4);
FIELD(GUID, Data1, 0);
FIELD(GUID, Data2, 4);
FIELD(GUID, Data3, 6);
FIELD(GUID, Data4, 8);

TYPE(LUID, 8, 4);
FIELD(LUID, LowPart, 0);
FIELD(LUID, HighPart, 4);

TYPE(SEC_WINNT_AUTH_BYTE_VECTOR, 8, 4);
FIELD(SEC_WINNT_AUTH_BYTE_VECTOR, ByteArrayOffset, 0);
FIELD(SEC_WINNT_AUTH_BYTE_VECTOR, ByteArrayLength, 4);

TYPE(SEC_WINNT_AUTH_SHORT_VECTOR, 8, 4);
FIELD(SEC_WINNT_AUTH_SHORT_VECTOR, ShortArrayOffset, 0);
FIELD(SEC_WINNT_AUTH_SHORT_VECTOR, ShortArrayCount, 4);

TYPE(SEC_WINNT_AUTH_DATA, 24, 4);
FIELD(SEC_WINNT_AUTH_DATA, CredType, 0);
FIELD(SEC_WINNT_AUTH_DATA, CredData, 16);

TYPE(SEC_WINNT_AUTH_PACKED_CREDENTIALS, 28, 4);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS, cbHeaderLength, 0);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS, cbStructureLength, 2);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS, AuthData, 4);

TYPE(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, 24, 4);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, cbHeaderLength, 0);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, Flags, 4);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, PackedCredentials, 8);
FIELD(SEC_WINNT_AUTH_PACKED_CREDENTIALS_EX, PackageList, 16);

TYPE(SEC_WINNT_AUTH_IDENTITY_INFO, P(72, 48), P(8, 4));
FIELD(SEC_WINNT_AUTH_IDENTITY_INFO, AuthIdExw, 0);
FIELD(SEC_WINNT_AUTH_IDENTITY_INFO, AuthIdEx2, 0);

TYPE(LIBSSPI_ACCOUNT, 1052, 4);
FIELD(LIBSSPI_ACCOUNT, cbSize, 0);
FIELD(LIBSSPI_ACCOUNT, Kind, 4);
FIELD(LIBSSPI_ACCOUNT, Key, 8);
FIELD(LIBSSPI_ACCOUNT, User, 24);
FIELD(LIBSSPI_ACCOUNT, Domain, 538);

extern char layout_holds[(SEC_WCHAR)-1 == 0xffff ? 1 : -1];
extern char layout_holds[sizeof(SECURITY_STATUS) == 4 ? 1 : -1];
extern char layout_holds[SEC_E_INVALID_TOKEN < 0 ? 1 : -1];
extern char layout_holds[SEC_I_CONTINUE_NEEDED == 0x00090312 ? 1 : -1];

int main(void)
{
    return 0;
}

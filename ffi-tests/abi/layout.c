/*
 * Sizes, alignments and offsets of every structure, as a 64-bit Windows compiler has them.
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

TYPE(SecHandle, 16, 8);
FIELD(SecHandle, dwLower, 0);
FIELD(SecHandle, dwUpper, 8);

TYPE(SecPkgInfoW, 32, 8);
FIELD(SecPkgInfoW, fCapabilities, 0);
FIELD(SecPkgInfoW, wVersion, 4);
FIELD(SecPkgInfoW, wRPCID, 6);
FIELD(SecPkgInfoW, cbMaxToken, 8);
FIELD(SecPkgInfoW, Name, 16);
FIELD(SecPkgInfoW, Comment, 24);

TYPE(SecPkgInfoA, 32, 8);
FIELD(SecPkgInfoA, fCapabilities, 0);
FIELD(SecPkgInfoA, wVersion, 4);
FIELD(SecPkgInfoA, wRPCID, 6);
FIELD(SecPkgInfoA, cbMaxToken, 8);
FIELD(SecPkgInfoA, Name, 16);
FIELD(SecPkgInfoA, Comment, 24);

TYPE(SecBuffer, 16, 8);
FIELD(SecBuffer, cbBuffer, 0);
FIELD(SecBuffer, BufferType, 4);
FIELD(SecBuffer, pvBuffer, 8);

TYPE(SecBufferDesc, 16, 8);
FIELD(SecBufferDesc, ulVersion, 0);
FIELD(SecBufferDesc, cBuffers, 4);
FIELD(SecBufferDesc, pBuffers, 8);

TYPE(SEC_NEGOTIATION_INFO, 24, 8);
FIELD(SEC_NEGOTIATION_INFO, Size, 0);
FIELD(SEC_NEGOTIATION_INFO, NameLength, 4);
FIELD(SEC_NEGOTIATION_INFO, Name, 8);
FIELD(SEC_NEGOTIATION_INFO, Reserved, 16);

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

TYPE(SEC_FLAGS, 8, 8);
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

TYPE(SecPkgCredentials_NamesW, 8, 8);
FIELD(SecPkgCredentials_NamesW, sUserName, 0);

TYPE(SecPkgCredentials_NamesA, 8, 8);
FIELD(SecPkgCredentials_NamesA, sUserName, 0);

TYPE(SecPkgCredentials_SSIProviderW, 24, 8);
FIELD(SecPkgCredentials_SSIProviderW, sProviderName, 0);
FIELD(SecPkgCredentials_SSIProviderW, ProviderInfoLength, 8);
FIELD(SecPkgCredentials_SSIProviderW, ProviderInfo, 16);

TYPE(SecPkgCredentials_SSIProviderA, 24, 8);
FIELD(SecPkgCredentials_SSIProviderA, sProviderName, 0);
FIELD(SecPkgCredentials_SSIProviderA, ProviderInfoLength, 8);
FIELD(SecPkgCredentials_SSIProviderA, ProviderInfo, 16);

TYPE(SecPkgCredentials_KdcProxySettingsW, 16, 4);
FIELD(SecPkgCredentials_KdcProxySettingsW, Version, 0);
FIELD(SecPkgCredentials_KdcProxySettingsW, Flags, 4);
FIELD(SecPkgCredentials_KdcProxySettingsW, ProxyServerOffset, 8);
FIELD(SecPkgCredentials_KdcProxySettingsW, ProxyServerLength, 10);
FIELD(SecPkgCredentials_KdcProxySettingsW, ClientTlsCredOffset, 12);
FIELD(SecPkgCredentials_KdcProxySettingsW, ClientTlsCredLength, 14);

TYPE(SecPkgCredentials_Cert, 16, 8);
FIELD(SecPkgCredentials_Cert, EncodedCertSize, 0);
FIELD(SecPkgCredentials_Cert, EncodedCert, 8);

TYPE(SecPkgContext_SubjectAttributes, 8, 8);
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

TYPE(SecPkgContext_NamesW, 8, 8);
FIELD(SecPkgContext_NamesW, sUserName, 0);

TYPE(SecPkgContext_LastClientTokenStatus, 4, 4);
FIELD(SecPkgContext_LastClientTokenStatus, LastClientTokenStatus, 0);

TYPE(SecPkgContext_NamesA, 8, 8);
FIELD(SecPkgContext_NamesA, sUserName, 0);

TYPE(SecPkgContext_Lifespan, 16, 8);
FIELD(SecPkgContext_Lifespan, tsStart, 0);
FIELD(SecPkgContext_Lifespan, tsExpiry, 8);

TYPE(SecPkgContext_DceInfo, 16, 8);
FIELD(SecPkgContext_DceInfo, AuthzSvc, 0);
FIELD(SecPkgContext_DceInfo, pPac, 8);

TYPE(SecPkgContext_KeyInfoA, 32, 8);
FIELD(SecPkgContext_KeyInfoA, sSignatureAlgorithmName, 0);
FIELD(SecPkgContext_KeyInfoA, sEncryptAlgorithmName, 8);
FIELD(SecPkgContext_KeyInfoA, KeySize, 16);
FIELD(SecPkgContext_KeyInfoA, SignatureAlgorithm, 20);
FIELD(SecPkgContext_KeyInfoA, EncryptAlgorithm, 24);

TYPE(SecPkgContext_KeyInfoW, 32, 8);
FIELD(SecPkgContext_KeyInfoW, sSignatureAlgorithmName, 0);
FIELD(SecPkgContext_KeyInfoW, sEncryptAlgorithmName, 8);
FIELD(SecPkgContext_KeyInfoW, KeySize, 16);
FIELD(SecPkgContext_KeyInfoW, SignatureAlgorithm, 20);
FIELD(SecPkgContext_KeyInfoW, EncryptAlgorithm, 24);

TYPE(SecPkgContext_AuthorityA, 8, 8);
FIELD(SecPkgContext_AuthorityA, sAuthorityName, 0);

TYPE(SecPkgContext_AuthorityW, 8, 8);
FIELD(SecPkgContext_AuthorityW, sAuthorityName, 0);

TYPE(SecPkgContext_ProtoInfoA, 16, 8);
FIELD(SecPkgContext_ProtoInfoA, sProtocolName, 0);
FIELD(SecPkgContext_ProtoInfoA, majorVersion, 8);
FIELD(SecPkgContext_ProtoInfoA, minorVersion, 12);

TYPE(SecPkgContext_ProtoInfoW, 16, 8);
FIELD(SecPkgContext_ProtoInfoW, sProtocolName, 0);
FIELD(SecPkgContext_ProtoInfoW, majorVersion, 8);
FIELD(SecPkgContext_ProtoInfoW, minorVersion, 12);

TYPE(SecPkgContext_PasswordExpiry, 8, 8);
FIELD(SecPkgContext_PasswordExpiry, tsPasswordExpires, 0);

TYPE(SecPkgContext_LogoffTime, 8, 8);
FIELD(SecPkgContext_LogoffTime, tsLogoffTime, 0);

TYPE(SecPkgContext_SessionKey, 16, 8);
FIELD(SecPkgContext_SessionKey, SessionKeyLength, 0);
FIELD(SecPkgContext_SessionKey, SessionKey, 8);

TYPE(SecPkgContext_NegoKeys, 32, 8);
FIELD(SecPkgContext_NegoKeys, KeyType, 0);
FIELD(SecPkgContext_NegoKeys, KeyLength, 4);
FIELD(SecPkgContext_NegoKeys, KeyValue, 8);
FIELD(SecPkgContext_NegoKeys, VerifyKeyType, 16);
FIELD(SecPkgContext_NegoKeys, VerifyKeyLength, 20);
FIELD(SecPkgContext_NegoKeys, VerifyKeyValue, 24);

TYPE(SecPkgContext_PackageInfoW, 8, 8);
FIELD(SecPkgContext_PackageInfoW, PackageInfo, 0);

TYPE(SecPkgContext_PackageInfoA, 8, 8);
FIELD(SecPkgContext_PackageInfoA, PackageInfo, 0);

TYPE(SecPkgContext_UserFlags, 4, 4);
FIELD(SecPkgContext_UserFlags, UserFlags, 0);

TYPE(SecPkgContext_Flags, 4, 4);
FIELD(SecPkgContext_Flags, Flags, 0);

TYPE(SecPkgContext_NegotiationInfoA, 16, 8);
FIELD(SecPkgContext_NegotiationInfoA, PackageInfo, 0);
FIELD(SecPkgContext_NegotiationInfoA, NegotiationState, 8);

TYPE(SecPkgContext_NegotiationInfoW, 16, 8);
FIELD(SecPkgContext_NegotiationInfoW, PackageInfo, 0);
FIELD(SecPkgContext_NegotiationInfoW, NegotiationState, 8);

TYPE(SecPkgContext_NativeNamesW, 16, 8);
FIELD(SecPkgContext_NativeNamesW, sClientName, 0);
FIELD(SecPkgContext_NativeNamesW, sServerName, 8);

TYPE(SecPkgContext_NativeNamesA, 16, 8);
FIELD(SecPkgContext_NativeNamesA, sClientName, 0);
FIELD(SecPkgContext_NativeNamesA, sServerName, 8);

TYPE(SecPkgContext_CredentialNameW, 16, 8);
FIELD(SecPkgContext_CredentialNameW, CredentialType, 0);
FIELD(SecPkgContext_CredentialNameW, sCredentialName, 8);

TYPE(SecPkgContext_CredentialNameA, 16, 8);
FIELD(SecPkgContext_CredentialNameA, CredentialType, 0);
FIELD(SecPkgContext_CredentialNameA, sCredentialName, 8);

TYPE(SecPkgContext_AccessToken, 8, 8);
FIELD(SecPkgContext_AccessToken, AccessToken, 0);

TYPE(SecPkgContext_TargetInformation, 16, 8);
FIELD(SecPkgContext_TargetInformation, MarshalledTargetInfoLength, 0);
FIELD(SecPkgContext_TargetInformation, MarshalledTargetInfo, 8);

TYPE(SecPkgContext_AuthzID, 16, 8);
FIELD(SecPkgContext_AuthzID, AuthzIDLength, 0);
FIELD(SecPkgContext_AuthzID, AuthzID, 8);

TYPE(SecPkgContext_Target, 16, 8);
FIELD(SecPkgContext_Target, TargetLength, 0);
FIELD(SecPkgContext_Target, Target, 8);

TYPE(SecPkgContext_ClientSpecifiedTarget, 8, 8);
FIELD(SecPkgContext_ClientSpecifiedTarget, sTargetName, 0);

TYPE(SecPkgContext_Bindings, 16, 8);
FIELD(SecPkgContext_Bindings, BindingsLength, 0);
FIELD(SecPkgContext_Bindings, Bindings, 8);

TYPE(SecPkgContext_ApplicationProtocol, 264, 4);
FIELD(SecPkgContext_ApplicationProtocol, ProtoNegoStatus, 0);
FIELD(SecPkgContext_ApplicationProtocol, ProtoNegoExt, 4);
FIELD(SecPkgContext_ApplicationProtocol, ProtocolIdSize, 8);
FIELD(SecPkgContext_ApplicationProtocol, ProtocolId, 9);

TYPE(SecPkgContext_NegotiatedTlsExtensions, 16, 8);
FIELD(SecPkgContext_NegotiatedTlsExtensions, ExtensionsCount, 0);
FIELD(SecPkgContext_NegotiatedTlsExtensions, Extensions, 8);

TYPE(SECPKG_APP_MODE_INFO, 48, 8);
FIELD(SECPKG_APP_MODE_INFO, UserFunction, 0);
FIELD(SECPKG_APP_MODE_INFO, Argument1, 8);
FIELD(SECPKG_APP_MODE_INFO, Argument2, 16);
FIELD(SECPKG_APP_MODE_INFO, UserData, 24);
FIELD(SECPKG_APP_MODE_INFO, ReturnToLsa, 40);

TYPE(SecurityFunctionTableW, 256, 8);
FIELD(SecurityFunctionTableW, dwVersion, 0);
FIELD(SecurityFunctionTableW, EnumerateSecurityPackagesW, 8);
FIELD(SecurityFunctionTableW, QueryCredentialsAttributesW, 16);
FIELD(SecurityFunctionTableW, AcquireCredentialsHandleW, 24);
FIELD(SecurityFunctionTableW, FreeCredentialsHandle, 32);
FIELD(SecurityFunctionTableW, Reserved2, 40);
FIELD(SecurityFunctionTableW, InitializeSecurityContextW, 48);
FIELD(SecurityFunctionTableW, AcceptSecurityContext, 56);
FIELD(SecurityFunctionTableW, CompleteAuthToken, 64);
FIELD(SecurityFunctionTableW, DeleteSecurityContext, 72);
FIELD(SecurityFunctionTableW, ApplyControlToken, 80);
FIELD(SecurityFunctionTableW, QueryContextAttributesW, 88);
FIELD(SecurityFunctionTableW, ImpersonateSecurityContext, 96);
FIELD(SecurityFunctionTableW, RevertSecurityContext, 104);
FIELD(SecurityFunctionTableW, MakeSignature, 112);
FIELD(SecurityFunctionTableW, VerifySignature, 120);
FIELD(SecurityFunctionTableW, FreeContextBuffer, 128);
FIELD(SecurityFunctionTableW, QuerySecurityPackageInfoW, 136);
FIELD(SecurityFunctionTableW, Reserved3, 144);
FIELD(SecurityFunctionTableW, Reserved4, 152);
FIELD(SecurityFunctionTableW, ExportSecurityContext, 160);
FIELD(SecurityFunctionTableW, ImportSecurityContextW, 168);
FIELD(SecurityFunctionTableW, AddCredentialsW, 176);
FIELD(SecurityFunctionTableW, Reserved8, 184);
FIELD(SecurityFunctionTableW, QuerySecurityContextToken, 192);
FIELD(SecurityFunctionTableW, EncryptMessage, 200);
FIELD(SecurityFunctionTableW, DecryptMessage, 208);
FIELD(SecurityFunctionTableW, SetContextAttributesW, 216);
FIELD(SecurityFunctionTableW, SetCredentialsAttributesW, 224);
FIELD(SecurityFunctionTableW, ChangeAccountPasswordW, 232);
FIELD(SecurityFunctionTableW, QueryContextAttributesExW, 240);
FIELD(SecurityFunctionTableW, QueryCredentialsAttributesExW, 248);

TYPE(SecurityFunctionTableA, 256, 8);
FIELD(SecurityFunctionTableA, dwVersion, 0);
FIELD(SecurityFunctionTableA, EnumerateSecurityPackagesA, 8);
FIELD(SecurityFunctionTableA, QueryCredentialsAttributesA, 16);
FIELD(SecurityFunctionTableA, AcquireCredentialsHandleA, 24);
FIELD(SecurityFunctionTableA, FreeCredentialHandle, 32);
FIELD(SecurityFunctionTableA, Reserved2, 40);
FIELD(SecurityFunctionTableA, InitializeSecurityContextA, 48);
FIELD(SecurityFunctionTableA, AcceptSecurityContext, 56);
FIELD(SecurityFunctionTableA, CompleteAuthToken, 64);
FIELD(SecurityFunctionTableA, DeleteSecurityContext, 72);
FIELD(SecurityFunctionTableA, ApplyControlToken, 80);
FIELD(SecurityFunctionTableA, QueryContextAttributesA, 88);
FIELD(SecurityFunctionTableA, ImpersonateSecurityContext, 96);
FIELD(SecurityFunctionTableA, RevertSecurityContext, 104);
FIELD(SecurityFunctionTableA, MakeSignature, 112);
FIELD(SecurityFunctionTableA, VerifySignature, 120);
FIELD(SecurityFunctionTableA, FreeContextBuffer, 128);
FIELD(SecurityFunctionTableA, QuerySecurityPackageInfoA, 136);
FIELD(SecurityFunctionTableA, Reserved3, 144);
FIELD(SecurityFunctionTableA, Reserved4, 152);
FIELD(SecurityFunctionTableA, ExportSecurityContext, 160);
FIELD(SecurityFunctionTableA, ImportSecurityContextA, 168);
FIELD(SecurityFunctionTableA, AddCredentialsA, 176);
FIELD(SecurityFunctionTableA, Reserved8, 184);
FIELD(SecurityFunctionTableA, QuerySecurityContextToken, 192);
FIELD(SecurityFunctionTableA, EncryptMessage, 200);
FIELD(SecurityFunctionTableA, DecryptMessage, 208);
FIELD(SecurityFunctionTableA, SetContextAttributesA, 216);
FIELD(SecurityFunctionTableA, SetCredentialsAttributesA, 224);
FIELD(SecurityFunctionTableA, ChangeAccountPasswordA, 232);
FIELD(SecurityFunctionTableA, QueryContextAttributesExA, 240);
FIELD(SecurityFunctionTableA, QueryCredentialsAttributesExA, 248);

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

TYPE(SEC_WINNT_AUTH_IDENTITY_W, 48, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, User, 0);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, UserLength, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, Domain, 16);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, DomainLength, 24);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, Password, 32);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, PasswordLength, 40);
FIELD(SEC_WINNT_AUTH_IDENTITY_W, Flags, 44);

TYPE(SEC_WINNT_AUTH_IDENTITY_A, 48, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, User, 0);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, UserLength, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, Domain, 16);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, DomainLength, 24);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, Password, 32);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, PasswordLength, 40);
FIELD(SEC_WINNT_AUTH_IDENTITY_A, Flags, 44);

TYPE(SEC_WINNT_AUTH_IDENTITY_EXW, 72, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Version, 0);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Length, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, User, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, UserLength, 16);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Domain, 24);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, DomainLength, 32);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Password, 40);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, PasswordLength, 48);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, Flags, 52);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, PackageList, 56);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXW, PackageListLength, 64);

TYPE(SEC_WINNT_AUTH_IDENTITY_EXA, 72, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Version, 0);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Length, 4);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, User, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, UserLength, 16);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Domain, 24);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, DomainLength, 32);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Password, 40);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, PasswordLength, 48);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, Flags, 52);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, PackageList, 56);
FIELD(SEC_WINNT_AUTH_IDENTITY_EXA, PackageListLength, 64);

TYPE(SECURITY_PACKAGE_OPTIONS, 24, 8);
FIELD(SECURITY_PACKAGE_OPTIONS, Size, 0);
FIELD(SECURITY_PACKAGE_OPTIONS, Type, 4);
FIELD(SECURITY_PACKAGE_OPTIONS, Flags, 8);
FIELD(SECURITY_PACKAGE_OPTIONS, SignatureSize, 12);
FIELD(SECURITY_PACKAGE_OPTIONS, Signature, 16);

TYPE(TimeStamp, 8, 8);
FIELD(TimeStamp, LowPart, 0);
FIELD(TimeStamp, HighPart, 4);
FIELD(TimeStamp, QuadPart, 0);

TYPE(SECURITY_STRING, 16, 8);
FIELD(SECURITY_STRING, Length, 0);
FIELD(SECURITY_STRING, MaximumLength, 2);
FIELD(SECURITY_STRING, Buffer, 8);

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

TYPE(SEC_WINNT_AUTH_IDENTITY_INFO, 72, 8);
FIELD(SEC_WINNT_AUTH_IDENTITY_INFO, AuthIdExw, 0);
FIELD(SEC_WINNT_AUTH_IDENTITY_INFO, AuthIdEx2, 0);

TYPE(LIBSSPI_ACCOUNT, 1052, 4);
FIELD(LIBSSPI_ACCOUNT, cbSize, 0);
FIELD(LIBSSPI_ACCOUNT, Kind, 4);
FIELD(LIBSSPI_ACCOUNT, Key, 8);
FIELD(LIBSSPI_ACCOUNT, User, 24);
FIELD(LIBSSPI_ACCOUNT, Domain, 538);

#endif

extern char layout_holds[(SEC_WCHAR)-1 == 0xffff ? 1 : -1];
extern char layout_holds[sizeof(SECURITY_STATUS) == 4 ? 1 : -1];
extern char layout_holds[SEC_E_INVALID_TOKEN < 0 ? 1 : -1];
extern char layout_holds[SEC_I_CONTINUE_NEEDED == 0x00090312 ? 1 : -1];

int main(void)
{
    return 0;
}

package sspi

// #include <sspi.h>
import "C"

import "fmt"

// Status is a SECURITY_STATUS; as an error it is what errors.Is looks for.
type Status int32

// What a program may want to tell apart.
const (
	InvalidHandle   Status = C.SEC_E_INVALID_HANDLE
	InvalidToken    Status = C.SEC_E_INVALID_TOKEN
	LogonDenied     Status = C.SEC_E_LOGON_DENIED
	NoCredentials   Status = C.SEC_E_NO_CREDENTIALS
	MessageAltered  Status = C.SEC_E_MESSAGE_ALTERED
	OutOfSequence   Status = C.SEC_E_OUT_OF_SEQUENCE
	TargetUnknown   Status = C.SEC_E_TARGET_UNKNOWN
	BadBindings     Status = C.SEC_E_BAD_BINDINGS
	ContextExpired  Status = C.SEC_E_CONTEXT_EXPIRED
	PackageNotFound Status = C.SEC_E_SECPKG_NOT_FOUND
	Unsupported     Status = C.SEC_E_UNSUPPORTED_FUNCTION
)

var statusNames = map[Status]string{
	InvalidHandle:                       "SEC_E_INVALID_HANDLE",
	InvalidToken:                        "SEC_E_INVALID_TOKEN",
	LogonDenied:                         "SEC_E_LOGON_DENIED",
	NoCredentials:                       "SEC_E_NO_CREDENTIALS",
	MessageAltered:                      "SEC_E_MESSAGE_ALTERED",
	OutOfSequence:                       "SEC_E_OUT_OF_SEQUENCE",
	TargetUnknown:                       "SEC_E_TARGET_UNKNOWN",
	BadBindings:                         "SEC_E_BAD_BINDINGS",
	ContextExpired:                      "SEC_E_CONTEXT_EXPIRED",
	PackageNotFound:                     "SEC_E_SECPKG_NOT_FOUND",
	Unsupported:                         "SEC_E_UNSUPPORTED_FUNCTION",
	C.SEC_E_INSUFFICIENT_MEMORY:         "SEC_E_INSUFFICIENT_MEMORY",
	C.SEC_E_INTERNAL_ERROR:              "SEC_E_INTERNAL_ERROR",
	C.SEC_E_QOP_NOT_SUPPORTED:           "SEC_E_QOP_NOT_SUPPORTED",
	C.SEC_E_NO_IMPERSONATION:            "SEC_E_NO_IMPERSONATION",
	C.SEC_E_UNKNOWN_CREDENTIALS:         "SEC_E_UNKNOWN_CREDENTIALS",
	C.SEC_E_NO_AUTHENTICATING_AUTHORITY: "SEC_E_NO_AUTHENTICATING_AUTHORITY",
	C.SEC_E_INCOMPLETE_MESSAGE:          "SEC_E_INCOMPLETE_MESSAGE",
	C.SEC_E_BUFFER_TOO_SMALL:            "SEC_E_BUFFER_TOO_SMALL",
	C.SEC_E_WRONG_PRINCIPAL:             "SEC_E_WRONG_PRINCIPAL",
	C.SEC_E_TIME_SKEW:                   "SEC_E_TIME_SKEW",
	C.SEC_E_INVALID_PARAMETER:           "SEC_E_INVALID_PARAMETER",
}

func (s Status) Error() string {
	name, known := statusNames[s]
	if !known {
		name = "SECURITY_STATUS"
	}
	return fmt.Sprintf("%s (0x%08X)", name, uint32(s))
}

// Error is a call that failed.
type Error struct {
	Function string
	Status   Status
}

func (e *Error) Error() string { return e.Function + ": " + e.Status.Error() }

// Unwrap makes errors.Is(err, sspi.LogonDenied) work.
func (e *Error) Unwrap() error { return e.Status }

func check(function string, status C.SECURITY_STATUS) error {
	if status < 0 {
		return &Error{function, Status(status)}
	}
	return nil
}

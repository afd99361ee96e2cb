package teeworker

import "github.com/gocess/gocess/ledger/runtime"

// Errors (spec/pallets-mining.md §4.2). Those without a remark are part of the
// wire shape; no rule raises them.
var (
	ErrBoundedVec                   = runtime.NewError(index, 0, "BoundedVecError")     // a list or an argument is too long
	ErrNotBond                      = runtime.NewError(index, 1, "NotBond")             // the stash has no bond in Staking
	ErrWorkerNotFound               = runtime.NewError(index, 2, "WorkerNotFound")      // no such worker, or it has no stash
	ErrWrongWorkerRole              = runtime.NewError(index, 3, "WrongWorkerRole")     // only markers do without a stash
	ErrInvalidWorkerPubKey          = runtime.NewError(index, 4, "InvalidWorkerPubKey") // the applicant is not registered
	ErrMalformedSignature           = runtime.NewError(index, 5, "MalformedSignature")
	ErrInvalidSignatureLength       = runtime.NewError(index, 6, "InvalidSignatureLength")            // not 64 bytes
	ErrInvalidSignature             = runtime.NewError(index, 7, "InvalidSignature")                  // another key or other bytes
	ErrMasterKeyLaunchRequire       = runtime.NewError(index, 8, "MasterKeyLaunchRequire")            // there is no master key, or no launch
	ErrInvalidMasterKeyFirstHolder  = runtime.NewError(index, 9, "InvalidMasterKeyFirstHolder")       // another worker launches
	ErrInvalidSigningTime           = runtime.NewError(index, 10, "InvalidMasterKeyApplySigningTime") // too old, in the future or a replay
	ErrCannotExitMasterKeyHolder    = runtime.NewError(index, 11, "CannotExitMasterKeyHolder")        // change the holder first
	ErrMasterKeyFirstHolderNotFound = runtime.NewError(index, 12, "MasterKeyFirstHolderNotFound")
	ErrMasterKeyAlreadyLaunched     = runtime.NewError(index, 13, "MasterKeyAlreadyLaunched") // and no roll was asked for
	ErrMasterKeyLaunching           = runtime.NewError(index, 14, "MasterKeyLaunching")       // a launch is in progress
	ErrMasterKeyMismatch            = runtime.NewError(index, 15, "MasterKeyMismatch")        // the key was rolled before, or is not the one awaited
	ErrMasterKeyUninitialized       = runtime.NewError(index, 16, "MasterKeyUninitialized")
	ErrCesealBinAlreadyExists       = runtime.NewError(index, 17, "CesealBinAlreadyExists")
	ErrCesealBinNotFound            = runtime.NewError(index, 18, "CesealBinNotFound")
	ErrCesealRejected               = runtime.NewError(index, 19, "CesealRejected") // the program is not on the allow-list
	ErrInvalidIASSigningCert        = runtime.NewError(index, 20, "InvalidIASSigningCert")
	ErrInvalidReport                = runtime.NewError(index, 21, "InvalidReport")
	ErrInvalidQuoteStatus           = runtime.NewError(index, 22, "InvalidQuoteStatus") // revoked, or no TCB level fits
	ErrBadIASReport                 = runtime.NewError(index, 23, "BadIASReport")
	ErrOutdatedIASReport            = runtime.NewError(index, 24, "OutdatedIASReport") // the evidence is older than the worker's last, or not fresh
	ErrUnknownQuoteBodyFormat       = runtime.NewError(index, 25, "UnknownQuoteBodyFormat")
	ErrInvalidCesealInfoHash        = runtime.NewError(index, 26, "InvalidCesealInfoHash")      // the report data do not name the registration
	ErrNoneAttestationDisabled      = runtime.NewError(index, 27, "NoneAttestationDisabled")    // evidence is missing
	ErrUnsupportedAttestationType   = runtime.NewError(index, 28, "UnsupportedAttestationType") // SGX
	ErrInvalidDCAPQuote             = runtime.NewError(index, 29, "InvalidDCAPQuote")           // the quote is not one
	ErrInvalidCertificate           = runtime.NewError(index, 30, "InvalidCertificate")
	ErrCodec                        = runtime.NewError(index, 31, "CodecError")     // collateral is missing
	ErrTCBInfoExpired               = runtime.NewError(index, 32, "TCBInfoExpired") // collateral is too old
	ErrKeyLengthIsInvalid           = runtime.NewError(index, 33, "KeyLengthIsInvalid")
	ErrPublicKeyIsInvalid           = runtime.NewError(index, 34, "PublicKeyIsInvalid")
	ErrRSASignatureIsInvalid        = runtime.NewError(index, 35, "RsaSignatureIsInvalid") // a signature of any kind
	ErrDerEncoding                  = runtime.NewError(index, 36, "DerEncodingError")
	ErrUnsupportedQuoteVersion      = runtime.NewError(index, 37, "UnsupportedDCAPQuoteVersion")
	ErrUnsupportedAttestationKey    = runtime.NewError(index, 38, "UnsupportedDCAPAttestationKeyType")
	ErrUnsupportedQuoteAuthData     = runtime.NewError(index, 39, "UnsupportedQuoteAuthData")
	ErrUnsupportedPckCertFormat     = runtime.NewError(index, 40, "UnsupportedDCAPPckCertFormat")
	ErrLeafCertificateParsing       = runtime.NewError(index, 41, "LeafCertificateParsingError")
	ErrCertificateChainIsInvalid    = runtime.NewError(index, 42, "CertificateChainIsInvalid") // up to the vendor's root, at the block's time
	ErrCertificateChainIsTooShort   = runtime.NewError(index, 43, "CertificateChainIsTooShort")
	ErrIntelExtensionDecoding       = runtime.NewError(index, 44, "IntelExtensionCertificateDecodingError")
	ErrIntelExtensionAmbiguity      = runtime.NewError(index, 45, "IntelExtensionAmbiguity")
	ErrCPUSvnLengthMismatch         = runtime.NewError(index, 46, "CpuSvnLengthMismatch")
	ErrCPUSvnDecoding               = runtime.NewError(index, 47, "CpuSvnDecodingError")
	ErrPceSvnDecoding               = runtime.NewError(index, 48, "PceSvnDecodingError")
	ErrPceSvnLengthMismatch         = runtime.NewError(index, 49, "PceSvnLengthMismatch")
	ErrFmspcLengthMismatch          = runtime.NewError(index, 50, "FmspcLengthMismatch")
	ErrFmspcDecoding                = runtime.NewError(index, 51, "FmspcDecodingError")
	ErrFmspcMismatch                = runtime.NewError(index, 52, "FmspcMismatch")
	ErrQEReportHashMismatch         = runtime.NewError(index, 53, "QEReportHashMismatch")
	ErrIsvEnclaveReportSignature    = runtime.NewError(index, 54, "IsvEnclaveReportSignatureIsInvalid")
	ErrDerDecoding                  = runtime.NewError(index, 55, "DerDecodingError")
	ErrOidIsMissing                 = runtime.NewError(index, 56, "OidIsMissing")
	ErrEmptyFullWorker              = runtime.NewError(index, 57, "EmpltyFullWorker")    // nobody verifies; the spelling is the wire's
	ErrNotFoundDistributor          = runtime.NewError(index, 58, "NotFoundDistributor") // nobody else can hand the key over, or not the chosen one did
)

var errorList = []*runtime.ModuleError{
	ErrBoundedVec, ErrNotBond, ErrWorkerNotFound, ErrWrongWorkerRole, ErrInvalidWorkerPubKey,
	ErrMalformedSignature, ErrInvalidSignatureLength, ErrInvalidSignature,
	ErrMasterKeyLaunchRequire, ErrInvalidMasterKeyFirstHolder, ErrInvalidSigningTime,
	ErrCannotExitMasterKeyHolder, ErrMasterKeyFirstHolderNotFound, ErrMasterKeyAlreadyLaunched,
	ErrMasterKeyLaunching, ErrMasterKeyMismatch, ErrMasterKeyUninitialized,
	ErrCesealBinAlreadyExists, ErrCesealBinNotFound, ErrCesealRejected, ErrInvalidIASSigningCert,
	ErrInvalidReport, ErrInvalidQuoteStatus, ErrBadIASReport, ErrOutdatedIASReport,
	ErrUnknownQuoteBodyFormat, ErrInvalidCesealInfoHash, ErrNoneAttestationDisabled,
	ErrUnsupportedAttestationType, ErrInvalidDCAPQuote, ErrInvalidCertificate, ErrCodec,
	ErrTCBInfoExpired, ErrKeyLengthIsInvalid, ErrPublicKeyIsInvalid, ErrRSASignatureIsInvalid,
	ErrDerEncoding, ErrUnsupportedQuoteVersion, ErrUnsupportedAttestationKey,
	ErrUnsupportedQuoteAuthData, ErrUnsupportedPckCertFormat, ErrLeafCertificateParsing,
	ErrCertificateChainIsInvalid, ErrCertificateChainIsTooShort, ErrIntelExtensionDecoding,
	ErrIntelExtensionAmbiguity, ErrCPUSvnLengthMismatch, ErrCPUSvnDecoding, ErrPceSvnDecoding,
	ErrPceSvnLengthMismatch, ErrFmspcLengthMismatch, ErrFmspcDecoding, ErrFmspcMismatch,
	ErrQEReportHashMismatch, ErrIsvEnclaveReportSignature, ErrDerDecoding, ErrOidIsMissing,
	ErrEmptyFullWorker, ErrNotFoundDistributor,
}

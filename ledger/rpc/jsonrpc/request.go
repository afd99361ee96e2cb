package jsonrpc

// maxIDBytes bounds the id that a response echoes.
const maxIDBytes = 1024

var nullID = []byte("null")

// request is one parsed request object. Its slices share the message's memory.
type request struct {
	// id is the raw id to echo; nil in a notification.
	id     []byte
	method []byte
	params []byte
}

// parseRequest reads the request object in b, which is valid JSON without
// surrounding blanks. On error r.id is what the error response must echo.
//
// The members of JSON-RPC 2.0 §4 may come in any order, once each; others are
// ignored.
func parseRequest(b []byte, r *request) *Error {
	*r = request{id: nullID}
	if len(b) == 0 || b[0] != '{' {
		return errInvalidRequest
	}
	var version, id, method, params []byte
	repeated := false
	for key, value := range members(b) {
		var field *[]byte
		switch string(key) {
		case "jsonrpc":
			field = &version
		case "id":
			field = &id
		case "method":
			field = &method
		case "params":
			field = &params
		default:
			continue
		}
		repeated = repeated || *field != nil
		*field = value
	}
	switch {
	case id == nil:
	case repeated || len(id) > maxIDBytes:
		return errInvalidRequest
	case id[0] == '"' || id[0] == '-' || '0' <= id[0] && id[0] <= '9' || isNull(id):
		r.id = id
	default:
		return errInvalidRequest
	}
	if repeated || version == nil || string(unquote(version)) != "2.0" || method == nil || method[0] != '"' {
		return errInvalidRequest
	}
	if params != nil && params[0] != '[' && params[0] != '{' && !isNull(params) {
		return errInvalidRequest
	}
	r.id, r.method, r.params = id, unquote(method), params
	return nil
}

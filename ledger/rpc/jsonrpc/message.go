package jsonrpc

import (
	"context"
	"encoding/json"
	"unicode/utf8"
)

// answer works off one message, a request or a batch, and appends the answer
// to dst; notifications add nothing.
func (s *session) answerMessage(ctx context.Context, msg, dst []byte) []byte {
	if !utf8.Valid(msg) || !json.Valid(msg) {
		return appendErrorResponse(dst, nullID, errParse)
	}
	begin := skipSpace(msg, 0)
	if msg[begin] != '[' {
		return s.answer(ctx, msg[begin:skipValue(msg, begin)], dst)
	}
	return s.answerBatch(ctx, msg[begin:], dst)
}

// answerBatch works off the elements in order. An answer that grows past the
// limit is replaced by one error, as the client could not take part of it.
func (s *session) answerBatch(ctx context.Context, msg, dst []byte) []byte {
	cfg := &s.call.server.cfg
	count := 0
	for range elements(msg) {
		if count++; count > cfg.MaxBatch {
			e := limitError(CodeBatchTooLarge, "The batch request was too large", cfg.MaxBatch)
			return appendErrorResponse(dst, nullID, e)
		}
	}
	if count == 0 {
		return appendErrorResponse(dst, nullID, errInvalidRequest)
	}
	start := len(dst)
	dst = append(dst, '[')
	for item := range elements(msg) {
		before := len(dst)
		dst = s.answer(ctx, item, dst)
		if len(dst) > before {
			dst = append(dst, ',')
		}
		if len(dst)-start > cfg.MaxResponseBytes {
			s.abandon()
			return appendErrorResponse(dst[:start], nullID, responseTooBig(cfg.MaxResponseBytes))
		}
	}
	if len(dst) == start+1 {
		return dst[:start]
	}
	dst[len(dst)-1] = ']'
	return dst
}

// abandon ends the accepted subscriptions whose ids the client will never
// learn.
func (s *session) abandon() {
	s.abandoned = true
	for _, sub := range s.accepted {
		sub.cancel()
	}
}

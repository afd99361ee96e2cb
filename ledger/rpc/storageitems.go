package rpc

import (
	"context"
	"encoding/json"

	"github.com/gocess/gocess/ledger/chain"
	"github.com/gocess/gocess/ledger/rpc/jsonrpc"
	"github.com/gocess/gocess/primitives/crypto"
)

// itemKind is what a storage item asks for (JSON-RPC interface specification,
// chainHead_v1_storage).
type itemKind string

const (
	itemValue             itemKind = "value"
	itemHash              itemKind = "hash"
	itemClosest           itemKind = "closestDescendantMerkleValue"
	itemDescendantsValues itemKind = "descendantsValues"
	itemDescendantsHashes itemKind = "descendantsHashes"
)

func (k itemKind) descends() bool {
	return k == itemDescendantsValues || k == itemDescendantsHashes
}

// storageItem is one item of a storage query.
type storageItem struct {
	key   []byte
	kind  itemKind
	after []byte // of descendants: those up to this key are left out
}

// maxStorageItems bounds the items of one storage query.
const maxStorageItems = 10_000

// storageItems reads parameter i, the items of a storage query. paged allows
// paginationStartKey.
func storageItems(call *jsonrpc.Call, i int, paged bool) ([]storageItem, error) {
	list, err := call.Params.List(i, maxStorageItems)
	if err != nil {
		return nil, err
	}
	items := make([]storageItem, len(list))
	for j, raw := range list {
		var text struct {
			Key                json.RawMessage
			Type               itemKind
			PaginationStartKey json.RawMessage
		}
		err := json.Unmarshal(raw, &text)
		if err == nil {
			items[j].key, err = jsonrpc.AppendBytes(nil, text.Key)
		}
		if err != nil {
			return nil, jsonrpc.InvalidParams("parameter %d, item %d: %v", i, j, err)
		}
		switch items[j].kind = text.Type; text.Type {
		case itemValue, itemHash, itemClosest, itemDescendantsValues, itemDescendantsHashes:
		default:
			return nil, jsonrpc.InvalidParams("parameter %d, item %d: unknown type %q", i, j, text.Type)
		}
		if !paged || len(text.PaginationStartKey) == 0 || string(text.PaginationStartKey) == "null" {
			continue
		}
		if !items[j].kind.descends() {
			return nil, jsonrpc.InvalidParams("parameter %d, item %d: paginationStartKey is for descendants", i, j)
		}
		if items[j].after, err = jsonrpc.AppendBytes(nil, text.PaginationStartKey); err != nil {
			return nil, jsonrpc.InvalidParams("parameter %d, item %d: paginationStartKey: %v", i, j, err)
		}
	}
	return items, nil
}

// storageWalk is a storage query on its way, in pages, so that no reader of the
// state waits for a slow client.
type storageWalk struct{ items []storageItem }

// pageBytes is how much text a page of results holds; the last result of a page
// may go beyond it.
const pageBytes = 256 << 10

// page reads on until a page is full, calling emit for each result with the
// members of its JSON object, which emit must copy. It returns true when
// nothing is left.
func (w *storageWalk) page(ctx context.Context, view *chain.View, emit func(members []byte)) (done bool, err error) {
	var members []byte
	size := 0
	put := func(key []byte, field itemKind, data []byte) {
		members = jsonrpc.AppendHex(append(members[:0], `"key":`...), key)
		members = append(members, `,"`...)
		members = append(members, field...)
		members = jsonrpc.AppendHex(append(members, `":`...), data)
		size += len(members)
		emit(members)
	}
	for ; len(w.items) > 0; w.items = w.items[1:] {
		if size >= pageBytes {
			return false, nil
		}
		if err := ctx.Err(); err != nil {
			return false, err
		}
		item := &w.items[0]
		switch item.kind {
		case itemValue, itemHash:
			value, err := view.Get(item.key)
			if err != nil {
				return false, err
			}
			if value != nil {
				put(item.key, item.kind, fieldOf(item.kind, value))
			}
		case itemClosest:
			merkle, err := view.ClosestDescendant(item.key)
			if err != nil {
				return false, err
			}
			if merkle != nil {
				put(item.key, item.kind, merkle)
			}
		default:
			field := itemValue
			if item.kind == itemDescendantsHashes {
				field = itemHash
			}
			full := false
			err := scan(ctx, view, item.key, item.after, func(key, value []byte) bool {
				if full = size >= pageBytes; full {
					return false
				}
				put(key, field, fieldOf(field, value))
				item.after = key
				return true
			})
			if err != nil || full {
				return false, err
			}
		}
	}
	return true, nil
}

// fieldOf is what a result shows of a value: the value or its hash.
func fieldOf(kind itemKind, value []byte) []byte {
	if kind != itemHash {
		return value
	}
	hash := crypto.Blake2b256(value)
	return hash[:]
}

// Package rpc is the node's JSON-RPC interface: to a client, the ledger is a
// Substrate chain. It serves the methods that cess-go-sdk, polkadot-js, subxt
// and py-substrate-interface use, in the shapes of spec/wire.md §5, and the new
// generation that polkadot-api uses, in those of the JSON-RPC interface
// specification (https://paritytech.github.io/json-rpc-interface-spec).
//
//	server, err := rpc.New(rpc.Config{ChainName: "cess-dev"}, rpc.Backend{
//		Chain: chain, Pool: pool, Runtime: rt,
//	})
//	go server.Serve(listener)
//	defer server.Close()
//
// One file per namespace declares its methods as a table; New puts the tables
// together, and rpc_methods lists what they hold. Transport, limits and
// subscriptions are package jsonrpc's.
//
// Every committed block is final, so best and finalized head are the same, and
// a block is announced only when everything about it can be read.
package rpc

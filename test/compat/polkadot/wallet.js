// What the tests of this folder do as a wallet does. CESS_FAST names a node with
// short block times; without it the network of CESS_READY serves.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

export const token = 10n ** 18n;

export const connect = () => {
  const url = process.env.CESS_FAST ?? JSON.parse(readFileSync(process.env.CESS_READY, 'utf8')).rpc_ws;
  return ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true });
};

// A new account with a key of its own, so that runs do not meet.
export const person = (name) => new Keyring({ type: 'sr25519', ss58Format: 11330 }).addFromUri(`//${name}//${Date.now()}`);

export const dev = (name) => new Keyring({ type: 'sr25519', ss58Format: 11330 }).addFromUri(`//${name}`);

// Sends an extrinsic and returns its events and the block that has it.
// Without a signer it goes as it is.
export const send = (tx, signer) => new Promise((resolve, reject) => {
  const follow = (r) => {
    if (r.isError) reject(new Error(`${tx.method.section}.${tx.method.method}: ${r.status.type}`));
    // A client that is slow to look at the block hears of its finality alone.
    if (!r.isInBlock && !r.isFinalized) return;
    const block = r.isInBlock ? r.status.asInBlock : r.status.asFinalized;
    resolve({ events: r.events.map(({ event }) => event), error: r.dispatchError, block, index: r.txIndex });
  };
  (signer ? tx.signAndSend(signer, follow) : tx.send(follow)).catch(reject);
});

export const errorName = (api, error) => {
  if (!error) return 'no error';
  if (!error.isModule) return error.type;
  const { section, name } = api.registry.findMetaError(error.asModule);
  return `${section}.${name}`;
};

// Sends an extrinsic that must succeed.
export const must = async (api, tx, signer) => {
  const result = await send(tx, signer);
  assert.equal(errorName(api, result.error), 'no error', `${tx.method.section}.${tx.method.method}`);
  return result;
};

// Sends an extrinsic that must fail with the given error.
export const fails = async (api, tx, signer, name) => {
  const result = await send(tx, signer);
  assert.equal(errorName(api, result.error), name, `${tx.method.section}.${tx.method.method}`);
};

export const find = ({ events }, section, method) => {
  const event = events.find((e) => e.section === section && e.method === method);
  assert.ok(event, `no ${section}.${method} among ${events.map((e) => `${e.section}.${e.method}`)}`);
  return event;
};

export const balance = async (api, address) => {
  const { data } = await api.query.system.account(address);
  return { free: data.free.toBigInt(), reserved: data.reserved.toBigInt() };
};

// Gives accounts what they live on.
export const endow = (api, tokens, ...addresses) => must(api, api.tx.utility.batchAll(
  addresses.map((a) => api.tx.balances.transferKeepAlive(a, tokens * token)),
), dev('Alice'));

// Waits for a block.
export const reach = (api, number) => new Promise((resolve, reject) => {
  let stop;
  api.rpc.chain.subscribeNewHeads((head) => {
    if (head.number.toNumber() < number) return;
    stop?.();
    resolve(head);
  }).then((unsubscribe) => { stop = unsubscribe; }, reject);
});

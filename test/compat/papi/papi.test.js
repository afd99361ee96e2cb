// An unmodified polkadot-api (PAPI) against a running network. It speaks the
// new JSON-RPC only: chainSpec, chainHead, transaction, and archive for old
// blocks. CESS_READY names the network's ready file. No descriptors are
// generated: the types come from the node's metadata.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { sr25519CreateDerive } from '@polkadot-labs/hdkd';
import { DEV_PHRASE, entropyToMiniSecret, mnemonicToEntropy, ss58Address } from '@polkadot-labs/hdkd-helpers';
import { Binary, createClient, Enum } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws-provider/node';

const ready = JSON.parse(readFileSync(process.env.CESS_READY, 'utf8'));
const limit = { timeout: 90_000 };
const prefix = 11330;

const derive = sr25519CreateDerive(entropyToMiniSecret(mnemonicToEntropy(DEV_PHRASE)));
const account = (path) => {
  const pair = derive(path);
  return {
    address: ss58Address(pair.publicKey, prefix),
    signer: getPolkadotSigner(pair.publicKey, 'Sr25519', pair.sign),
  };
};
const alice = account('//Alice');
const bob = account('//Bob');

// Collects from an observable until enough has come.
const take = (observable, enough) => new Promise((resolve, reject) => {
  const items = [];
  const subscription = observable.subscribe({
    next(item) {
      items.push(item);
      if (enough(items)) {
        queueMicrotask(() => subscription.unsubscribe());
        resolve(items);
      }
    },
    error: reject,
  });
});

describe('polkadot-api', () => {
  // The methods that the client called, and those that the node refused.
  const called = new Set();
  const refused = [];
  let client;
  let api;

  before(() => {
    // Looks at what goes over the socket, below everything that could translate.
    const watched = (provider) => (onMessage) => {
      const methods = new Map();
      const connection = provider((message) => {
        const answer = typeof message === 'string' ? JSON.parse(message) : message;
        if (answer.error) refused.push(`${methods.get(answer.id)}: ${JSON.stringify(answer.error)}`);
        onMessage(message);
      });
      return {
        ...connection,
        send(message) {
          const request = typeof message === 'string' ? JSON.parse(message) : message;
          called.add(request.method);
          methods.set(request.id, request.method);
          connection.send(message);
        },
      };
    };
    client = createClient(getWsProvider({ endpoints: [ready.rpc_ws], innerEnhancer: watched }));
    api = client.getUnsafeApi();
  });

  after(() => client.destroy());

  test('learns which chain it is', limit, async () => {
    const spec = await client.getChainSpecData();
    assert.equal(spec.properties.ss58Format, prefix);
    assert.equal(spec.properties.tokenSymbol, 'TCESS');
    assert.match(spec.genesisHash, /^0x[0-9a-f]{64}$/);
    assert.equal(alice.address, 'cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc');
  });

  test('follows final and best blocks without gaps', limit, async () => {
    const final = await take(client.finalizedBlock$, (items) => items.length === 5);
    for (let i = 1; i < final.length; i++) {
      assert.equal(final[i].number, final[i - 1].number + 1);
      assert.equal(final[i].parent, final[i - 1].hash);
    }
    const [best] = (await take(client.bestBlocks$, (items) => items.length === 3)).at(-1);
    assert.ok(best.number >= final.at(-1).number);
    const header = await client.getBlockHeader(final[0].hash);
    assert.equal(header.number, final[0].number);
    const body = await client.getBlockBody(final[0].hash);
    assert.ok(body.length >= 1, 'the inherent is there');
  });

  test('reads storage, maps and constants', limit, async () => {
    const info = await api.query.System.Account.getValue(alice.address);
    assert.ok(info.data.free > 0n);
    const miners = await api.query.Sminer.MinerItems.getEntries();
    assert.ok(miners.length > 0);
    const all = await api.query.Sminer.AllMiner.getValue();
    // Who has registered and has no PoIS key yet is no miner to choose from.
    const registered = miners.map(({ keyArgs }) => keyArgs[0]);
    for (const miner of all) assert.ok(registered.includes(miner));
    const values = await api.query.Sminer.MinerItems.getValues(all.map((miner) => [miner]));
    assert.equal(values.filter((item) => item !== undefined).length, all.length);
    assert.equal(await api.constants.FileBank.FragmentCount(), 12);
    assert.equal(await api.constants.Balances.ExistentialDeposit(), 10n ** 18n);
    const at = await client.getFinalizedBlock();
    assert.equal(await api.query.System.Number.getValue({ at: at.hash }), at.number);
    const numbers = await take(api.query.System.Number.watchValue('finalized'), (items) => items.length === 3);
    assert.ok(numbers.length === 3);
  });

  test('calls the runtime', limit, async () => {
    const version = await api.apis.Core.version();
    assert.equal(version.spec_name, 'cess-node');
    const nonce = await api.apis.AccountNonceApi.account_nonce(alice.address);
    assert.equal(nonce, (await api.query.System.Account.getValue(alice.address)).nonce);
    const versions = await api.apis.Metadata.metadata_versions();
    assert.ok(versions.includes(15));
  });

  test('estimates, signs, submits and watches a transfer to its final block', limit, async () => {
    const value = 3_210_000_000_000_000_000n;
    const transfer = api.tx.Balances.transfer_keep_alive({ dest: Enum('Id', bob.address), value });
    const fee = await transfer.getEstimatedFees(alice.address);
    const earlier = (await api.query.System.Account.getValue(bob.address)).data.free;
    const events = await take(transfer.signSubmitAndWatch(alice.signer), (items) => items.at(-1).type === 'finalized');
    const kinds = events.map(({ type }) => type).filter((type, i, list) => type !== list[i - 1]);
    assert.deepEqual(kinds, ['signed', 'broadcasted', 'txBestBlocksState', 'finalized']);
    const final = events.at(-1);
    assert.equal(final.ok, true);
    const find = (pallet, name) => final.events.find((e) => e.type === pallet && e.value.type === name)?.value.value;
    const moved = find('Balances', 'Transfer');
    assert.equal(moved.amount, value);
    assert.equal(moved.from, alice.address);
    assert.equal(moved.to, bob.address);
    assert.ok(find('System', 'ExtrinsicSuccess'));
    // The price may move a little with each block between estimate and inclusion.
    const paid = find('TransactionPayment', 'TransactionFeePaid').actual_fee;
    assert.ok(paid <= fee + fee / 1000n && paid >= fee - fee / 1000n, `paid ${paid}, estimated ${fee}`);
    assert.equal((await api.query.System.Account.getValue(bob.address)).data.free, earlier + value);
    const body = await client.getBlockBody(final.block.hash);
    assert.ok(body.length > final.block.index);
  });

  test('tells a failed call and a refused transaction apart', limit, async () => {
    const failed = await api.tx.Sudo.set_key({ new: Enum('Id', bob.address) }).signAndSubmit(bob.signer);
    assert.equal(failed.ok, false);
    assert.equal(failed.dispatchError.type, 'Module');
    assert.equal(failed.dispatchError.value.value.type, 'RequireSudo');
    const poor = account('//Nobody of all');
    await assert.rejects(
      api.tx.System.remark({ remark: Binary.fromText('nothing to pay with') }).signAndSubmit(poor.signer),
    );
  });

  test('used the new methods only, and none was refused', () => {
    for (const method of ['chainSpec_v1_genesisHash', 'chainHead_v1_follow', 'chainHead_v1_storage', 'chainHead_v1_call',
      'chainHead_v1_body', 'chainHead_v1_header', 'chainHead_v1_unpin', 'transaction_v1_broadcast']) {
      assert.ok(called.has(method), `${method} was not called; called were ${[...called].join(', ')}`);
    }
    for (const method of called) assert.match(method, /_v1_|^rpc_methods$/);
    assert.deepEqual(refused, []);
  });
});

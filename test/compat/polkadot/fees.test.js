// What payment_queryInfo says an extrinsic costs is what its signer pays.
// CESS_READY names the network's ready file, CESS_SEED the calls' seed.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

const ready = JSON.parse(readFileSync(process.env.CESS_READY, 'utf8'));
const seed = Number(process.env.CESS_SEED ?? Date.now() % 1_000_000);
const count = 100;

// A small generator of whole numbers below n (mulberry32).
let state = seed;
const below = (n) => {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % n;
};

describe('fees', () => {
  let api;
  let provider;
  let alice;
  let bob;

  before(async () => {
    provider = new WsProvider(ready.rpc_ws);
    api = await ApiPromise.create({ provider, noInitWarn: true });
    const keyring = new Keyring({ type: 'sr25519', ss58Format: 11330 });
    alice = keyring.addFromUri('//Alice');
    bob = keyring.addFromUri('//Bob');
  }, { timeout: 60_000 });

  after(() => api.disconnect());

  const bytes = () => '0x' + Array.from({ length: below(400) }, () => below(256).toString(16).padStart(2, '0')).join('');
  const kinds = [
    () => api.tx.balances.transferKeepAlive(bob.address, BigInt(below(2 ** 31)) + 1n),
    () => api.tx.balances.transferAllowDeath(bob.address, BigInt(below(2 ** 31)) + 1n),
    () => api.tx.system.remark(bytes()),
    () => api.tx.system.remarkWithEvent(bytes()),
    () => api.tx.utility.batch(Array.from({ length: below(8) }, () => kinds[below(4)]())),
    () => api.tx.utility.batchAll(Array.from({ length: below(8) }, () => kinds[below(4)]())),
    () => api.tx.utility.forceBatch([kinds[below(4)](), api.tx.system.setHeapPages(64)]), // the second one fails
    () => api.tx.sudo.setKey(bob.address), // fails: Bob is not sudo
    () => api.tx.balances.forceSetBalance(alice.address, 1n), // fails: Bob is not root
  ];

  test(`of ${count} random calls are as announced (seed ${seed})`, { timeout: 120_000 }, async () => {
    const first = (await api.rpc.system.accountNextIndex(bob.address)).toNumber();
    const sent = [];
    for (let i = 0; i < count; i++) {
      const tip = below(3) === 0 ? BigInt(below(2 ** 31)) : 0n;
      const call = kinds[below(kinds.length)]();
      const tx = await call.signAsync(bob, { nonce: first + i, tip });
      sent.push({ tx, tip, hex: tx.toHex(), name: `${call.method.section}.${call.method.method}` });
    }
    const start = (await api.rpc.chain.getHeader()).number.toNumber();
    for (const { hex } of sent) await api.rpc.author.submitExtrinsic(hex);

    // The price of a block's extrinsics is that of the state before it.
    const open = new Map(sent.map((s) => [s.hex, s]));
    for (let number = start; open.size > 0; number++) {
      let hash;
      for (;;) {
        hash = await api.rpc.chain.getBlockHash(number);
        if (!hash.isEmpty) break;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      const { block } = await api.rpc.chain.getBlock(hash);
      const events = await (await api.at(hash)).query.system.events();
      for (const [index, x] of block.extrinsics.entries()) {
        const mine = open.get(x.toHex());
        if (!mine) continue;
        open.delete(mine.hex);
        // Not through api.rpc.payment, whose types are those of the first version.
        const at = [mine.hex, block.header.parentHash.toHex()];
        const { partialFee } = await provider.send('payment_queryInfo', at);
        const { inclusionFee: parts } = await provider.send('payment_queryFeeDetails', at);
        const sum = BigInt(parts.baseFee) + BigInt(parts.lenFee) + BigInt(parts.adjustedWeightFee);
        assert.equal(sum, BigInt(partialFee), `${mine.name}: parts and whole`);
        const before = await api.at(block.header.parentHash);
        const info = await before.call.transactionPaymentApi.queryInfo(mine.tx.toU8a(), mine.tx.encodedLength);
        assert.equal(info.partialFee.toBigInt(), BigInt(partialFee), `${mine.name}: by runtime call`);
        const paid = events.find(({ phase, event }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.eq(index) &&
          event.section === 'transactionPayment' && event.method === 'TransactionFeePaid');
        assert.ok(paid, `${mine.name} paid`);
        assert.equal(String(paid.event.data.who), bob.address);
        assert.equal(paid.event.data.tip.toBigInt(), mine.tip, mine.name);
        assert.equal(paid.event.data.actualFee.toBigInt(), BigInt(partialFee) + mine.tip, mine.name);
      }
      assert.ok(number < start + 90, `${open.size} of ${count} are in no block`);
    }
  });
});

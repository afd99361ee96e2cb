// An unmodified @polkadot/api stays connected while the chain changes its
// runtime. CESS_UPGRADE names a chain of its own whose node knows the
// next runtime too (a program built with the tag nextruntime).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';

import { ApiPromise, WsProvider } from '@polkadot/api';

import { balance, dev, find, must, person, reach, token } from './wallet.js';

const url = process.env.CESS_UPGRADE;
const limit = { timeout: 60_000 };

describe('runtime upgrade', { skip: !url && 'CESS_UPGRADE is not set' }, () => {
  let api;

  before(async () => {
    api = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true });
  }, limit);

  after(() => api?.disconnect());

  test('goes on with the new metadata', limit, async (t) => {
    let disconnected = 0;
    api.on('disconnected', () => { disconnected += 1; });
    const alice = dev('Alice');
    const to = person('upgraded').address;
    assert.equal(api.runtimeVersion.specVersion.toNumber(), 137);
    assert.equal(api.tx.almanac, undefined);
    const old = api.consts.cacher.billsLimit.toNumber();
    const before = await must(api, api.tx.balances.transferKeepAlive(to, 2n * token), alice);

    const announced = [];
    await api.rpc.state.subscribeRuntimeVersion((v) => announced.push(v.specVersion.toNumber()));
    const at = (await api.rpc.chain.getHeader()).number.toNumber() + 15;
    await must(api, api.tx.sudo.sudo(api.tx.upgrade.schedule(138, at)), alice);
    await reach(api, at + 1);
    // The library fetches the new metadata in its own time.
    while (announced.length < 2 || api.runtimeVersion.specVersion.toNumber() === 137) await setTimeout(50);

    assert.deepEqual(announced, [137, 138]);
    assert.equal(api.runtimeVersion.specVersion.toNumber(), 138);
    assert.equal(api.consts.cacher.billsLimit.toNumber(), 20);
    assert.notEqual(old, 20);
    assert.equal((await balance(api, to)).free, 2n * token);

    // What the old runtime did not have, and a transfer, signed for the new one.
    const written = await must(api, api.tx.almanac.write('a note'), alice);
    assert.equal(String(find(written, 'almanac', 'Written').data[0]), alice.address);
    assert.equal((await api.query.almanac.note()).unwrap().toUtf8(), 'a note');
    const final = await new Promise((resolve, reject) => {
      api.tx.balances.transferKeepAlive(to, token).signAndSend(alice, (r) => {
        if (r.isError) reject(new Error(r.status.type));
        if (r.isFinalized) resolve(r);
      }).catch(reject);
    });
    assert.ok(final.events.some(({ event }) => event.section === 'system' && event.method === 'ExtrinsicSuccess'));
    assert.equal((await balance(api, to)).free, 3n * token);

    assert.equal(disconnected, 0, 'the client lost its connection');

    // A block of before is read with the metadata that it had, by another client:
    // the one that saw the upgrade may take an old block that it has looked at for
    // one of the new runtime.
    const later = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true });
    t.after(() => later.disconnect());
    const then = await later.at(before.block);
    assert.equal(then.runtimeVersion.specVersion.toNumber(), 137);
    assert.equal(then.consts.cacher.billsLimit.toNumber(), old);
    assert.equal(then.query.almanac, undefined);
    assert.equal((await then.query.system.account(to)).data.free.toBigInt(), 2n * token);
    const events = await then.query.system.events();
    assert.ok(events.some(({ event }) => event.section === 'balances' && event.method === 'Transfer'));
    const { block } = await later.derive.chain.getBlock(before.block);
    assert.ok(block.extrinsics.some(({ method }) => method.section === 'balances'));
  });
});

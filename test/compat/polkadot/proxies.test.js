// Accounts that act for others, as wallets use them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { bnToU8a, stringToU8a, u8aConcat } from '@polkadot/util';
import { blake2AsU8a, encodeAddress } from '@polkadot/util-crypto';

import { balance, connect, endow, errorName, fails, find, must, person, reach, token } from './wallet.js';

const limit = { timeout: 120_000 };

describe('proxies', () => {
  let api;

  before(async () => { api = await connect(); }, limit);

  after(() => api.disconnect());

  test('act for an account within their type', limit, async () => {
    const [owner, helper, other] = ['owner', 'helper', 'other'].map(person);
    await endow(api, 100n, owner.address, helper.address);
    await must(api, api.tx.proxy.addProxy(helper.address, 'NonTransfer', 0), owner);
    const [list, deposit] = await api.query.proxy.proxies(owner.address);
    assert.deepEqual(list.toHuman(), [{ delegate: helper.address, proxyType: 'NonTransfer', delay: '0' }]);
    const { proxyDepositBase, proxyDepositFactor } = api.consts.proxy;
    assert.equal(deposit.toBigInt(), proxyDepositBase.toBigInt() + proxyDepositFactor.toBigInt());
    assert.equal((await balance(api, owner.address)).reserved, deposit.toBigInt());

    const asOwner = (call) => api.tx.proxy.proxy(owner.address, null, call);
    const pay = api.tx.balances.transferKeepAlive(other.address, 5n * token);
    const outcome = async (call) => {
      const { result } = find(await must(api, asOwner(call), helper), 'proxy', 'ProxyExecuted').data;
      return result.isOk ? 'ok' : errorName(api, result.asErr);
    };
    assert.equal(await outcome(api.tx.system.remarkWithEvent('in his name')), 'ok');
    assert.equal(await outcome(pay), 'system.CallFiltered');
    assert.equal(await outcome(api.tx.utility.batchAll([pay])), 'system.CallFiltered');
    assert.equal(await outcome(api.tx.proxy.addProxy(other.address, 'Any', 0)), 'system.CallFiltered');
    assert.equal((await balance(api, other.address)).free, 0n);
    await fails(api, api.tx.proxy.proxy(helper.address, null, pay), owner, 'proxy.NotProxy');

    await must(api, api.tx.proxy.addProxy(helper.address, 'Any', 0), owner);
    assert.equal(await outcome(pay), 'ok');
    assert.equal((await balance(api, other.address)).free, 5n * token);
    await must(api, api.tx.proxy.removeProxies(), owner);
    assert.equal((await balance(api, owner.address)).reserved, 0n);
    await fails(api, asOwner(pay), helper, 'proxy.NotProxy');
  });

  test('announce and wait', limit, async () => {
    const [owner, helper, other] = ['owner', 'helper', 'other'].map(person);
    await endow(api, 100n, owner.address, helper.address);
    const delay = 4;
    await must(api, api.tx.proxy.addProxy(helper.address, 'Any', delay), owner);
    const pay = api.tx.balances.transferKeepAlive(other.address, 5n * token);
    const announced = api.tx.proxy.proxyAnnounced(helper.address, owner.address, null, pay);
    await fails(api, api.tx.proxy.proxy(owner.address, null, pay), helper, 'proxy.Unannounced');

    const { block } = await must(api, api.tx.proxy.announce(owner.address, pay.method.hash), helper);
    const [[first], deposit] = await api.query.proxy.announcements(helper.address);
    assert.equal(first.callHash.toHex(), pay.method.hash.toHex());
    assert.equal(String(first.real), owner.address);
    assert.equal((await balance(api, helper.address)).reserved, deposit.toBigInt());
    const born = (await api.rpc.chain.getHeader(block)).number.toNumber();
    assert.equal(first.height.toNumber(), born);

    await reach(api, born + delay);
    const { result } = find(await must(api, announced, helper), 'proxy', 'ProxyExecuted').data;
    assert.ok(result.isOk);
    assert.equal((await balance(api, other.address)).free, 5n * token);
    assert.equal((await balance(api, helper.address)).reserved, 0n);

    await must(api, api.tx.proxy.announce(owner.address, pay.method.hash), helper);
    await must(api, api.tx.proxy.rejectAnnouncement(helper.address, pay.method.hash), owner);
    await fails(api, announced, helper, 'proxy.Unannounced');
  });

  test('may be accounts without a key', limit, async () => {
    const [spawner, other] = ['spawner', 'other'].map(person);
    await endow(api, 100n, spawner.address);
    const made = await must(api, api.tx.proxy.createPure('Any', 0, 7), spawner);
    const { pure } = find(made, 'proxy', 'PureCreated').data;
    const height = (await api.rpc.chain.getHeader(made.block)).number.toNumber();
    const expected = encodeAddress(blake2AsU8a(u8aConcat(
      stringToU8a('modlpy/proxy____'), spawner.publicKey,
      bnToU8a(height, { bitLength: 32 }), bnToU8a(made.index, { bitLength: 32 }), [0], bnToU8a(7, { bitLength: 16 }),
    )), 11330);
    assert.equal(String(pure), expected);

    const deposit = (await balance(api, spawner.address)).reserved;
    assert.ok(deposit > 0n);
    await must(api, api.tx.balances.transferKeepAlive(pure, 20n * token), spawner);
    const asPure = (call) => api.tx.proxy.proxy(pure, null, call);
    await must(api, asPure(api.tx.balances.transferKeepAlive(other.address, 5n * token)), spawner);
    assert.equal((await balance(api, other.address)).free, 5n * token);
    const killed = await must(api, asPure(api.tx.proxy.killPure(spawner.address, 'Any', 7, height, made.index)), spawner);
    assert.ok(find(killed, 'proxy', 'ProxyExecuted').data.result.isOk);
    assert.equal((await balance(api, spawner.address)).reserved, 0n);
    await fails(api, asPure(api.tx.system.remark('')), spawner, 'proxy.NotProxy');
  });
});

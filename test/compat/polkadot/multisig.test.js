// Accounts that several control together, and accounts named by numbers.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { createKeyMulti, encodeAddress, sortAddresses } from '@polkadot/util-crypto';

import { balance, connect, endow, errorName, fails, find, must, person, send, token } from './wallet.js';

const limit = { timeout: 120_000 };

describe('multisig', () => {
  let api;

  before(async () => { api = await connect(); }, limit);

  after(() => api.disconnect());

  // A group of new accounts of which so many must agree, with 50 tokens.
  const group = async (threshold) => {
    const people = ['one', 'two', 'three'].map(person);
    const address = encodeAddress(createKeyMulti(people.map((p) => p.address), threshold), 11330);
    await endow(api, 50n, address, ...people.map((p) => p.address));
    const others = (who) => sortAddresses(people.filter((p) => p !== who).map((p) => p.address), 11330);
    return { people, address, threshold, others };
  };

  const weightOf = async (call, who) => (await call.paymentInfo(who.address)).weight;

  test('two of three pay', limit, async () => {
    const { people: [one, two, three], address, others } = await group(2);
    const other = person('other');
    const pay = api.tx.balances.transferKeepAlive(other.address, 5n * token);
    const weight = await weightOf(pay, one);

    const begun = find(await must(api, api.tx.multisig.asMulti(2, others(one), null, pay, weight), one), 'multisig', 'NewMultisig');
    assert.equal(String(begun.data.multisig), address);
    assert.equal(begun.data.callHash.toHex(), pay.method.hash.toHex());
    const open = (await api.query.multisig.multisigs(address, pay.method.hash)).unwrap();
    const { depositBase, depositFactor } = api.consts.multisig;
    assert.equal(open.deposit.toBigInt(), depositBase.toBigInt() + 2n * depositFactor.toBigInt());
    assert.equal((await balance(api, one.address)).reserved, open.deposit.toBigInt());

    await fails(api, api.tx.multisig.asMulti(2, others(one), open.when, pay, weight), one, 'multisig.AlreadyApproved');
    await fails(api, api.tx.multisig.asMulti(2, others(two), null, pay, weight), two, 'multisig.NoTimepoint');
    await fails(api, api.tx.multisig.asMulti(2, others(two), open.when, pay, { refTime: 1, proofSize: 1 }), two, 'multisig.MaxWeightTooLow');
    await fails(api, api.tx.multisig.asMulti(2, others(two).reverse(), open.when, pay, weight), two, 'multisig.SignatoriesOutOfOrder');
    await fails(api, api.tx.multisig.cancelAsMulti(2, others(two), open.when, pay.method.hash), two, 'multisig.NotOwner');

    const done = find(await must(api, api.tx.multisig.asMulti(2, others(three), open.when, pay, weight), three), 'multisig', 'MultisigExecuted');
    assert.ok(done.data.result.isOk);
    assert.equal((await balance(api, other.address)).free, 5n * token);
    assert.equal((await balance(api, address)).free, 45n * token);
    assert.equal((await balance(api, one.address)).reserved, 0n);
  });

  test('three of three approve by hash', limit, async () => {
    const { people: [one, two, three], address, others } = await group(3);
    const call = api.tx.system.remarkWithEvent('from all of us');
    const weight = await weightOf(call, one);
    const hash = call.method.hash;
    await must(api, api.tx.multisig.approveAsMulti(3, others(one), null, hash, weight), one);
    const { when } = (await api.query.multisig.multisigs(address, hash)).unwrap();
    await must(api, api.tx.multisig.approveAsMulti(3, others(two), when, hash, weight), two);
    const last = await must(api, api.tx.multisig.asMulti(3, others(three), when, call, weight), three);
    assert.equal(String(find(last, 'system', 'Remarked').data.sender), address);
  });

  test('one of three suffices where it is agreed', limit, async () => {
    const { people: [one, , three], address, others } = await group(1);
    const call = api.tx.system.remarkWithEvent('alone');
    for (const who of [one, three]) {
      const result = await must(api, api.tx.multisig.asMultiThreshold1(others(who), call), who);
      assert.equal(String(find(result, 'system', 'Remarked').data.sender), address);
    }
  });

  test('who began it may cancel it', limit, async () => {
    const { people: [one], address, others } = await group(2);
    const call = api.tx.system.remark('never');
    await must(api, api.tx.multisig.asMulti(2, others(one), null, call, await weightOf(call, one)), one);
    const { when } = (await api.query.multisig.multisigs(address, call.method.hash)).unwrap();
    await must(api, api.tx.multisig.cancelAsMulti(2, others(one), when, call.method.hash), one);
    assert.ok((await api.query.multisig.multisigs(address, call.method.hash)).isNone);
    assert.equal((await balance(api, one.address)).reserved, 0n);
  });

  test('indices stand for accounts', limit, async () => {
    const [owner, heir] = ['owner', 'heir'].map(person);
    await endow(api, 50n, owner.address, heir.address);
    const index = Date.now() % 2 ** 31;
    await must(api, api.tx.indices.claim(index), owner);
    const { free } = await balance(api, owner.address);
    await must(api, api.tx.balances.transferKeepAlive({ Index: index }, 3n * token), heir);
    assert.equal((await balance(api, owner.address)).free, free + 3n * token);
    await must(api, api.tx.indices.transfer(heir.address, index), owner);
    assert.equal((await balance(api, owner.address)).reserved, 0n);
    assert.equal((await balance(api, heir.address)).reserved, api.consts.indices.deposit.toBigInt());
    const { error } = await send(api.tx.indices.free(index), owner);
    assert.equal(errorName(api, error), 'indices.NotOwner');
  });
});

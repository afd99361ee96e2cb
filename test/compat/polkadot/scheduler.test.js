// Calls at blocks to come, and calls of Ethereum keys.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { bnToU8a, stringToU8a, u8aConcat, u8aToHex } from '@polkadot/util';
import { blake2AsU8a, encodeAddress, keccakAsU8a, secp256k1PairFromSeed, secp256k1Sign } from '@polkadot/util-crypto';

import { balance, connect, dev, endow, find, must, person, reach, token } from './wallet.js';

const limit = { timeout: 120_000 };

describe('scheduler', () => {
  let api;

  before(async () => { api = await connect(); }, limit);

  after(() => api.disconnect());

  const asRoot = async (call) => {
    const result = await must(api, api.tx.sudo.sudo(call), dev('Alice'));
    assert.ok(find(result, 'sudo', 'Sudid').data.sudoResult.isOk, 'the call of root');
    return result;
  };

  const dispatched = async (number) => {
    const hash = await api.rpc.chain.getBlockHash(number);
    const events = await (await api.at(hash)).query.system.events();
    return events.map(({ event }) => event).filter((e) => e.section === 'scheduler' && e.method === 'Dispatched');
  };

  const give = (address, tokens) => api.tx.balances.forceSetBalance(address, tokens * token);

  test('runs a call at its block', limit, async () => {
    const lucky = person('lucky').address;
    const now = (await api.rpc.chain.getHeader()).number.toNumber();
    const result = await asRoot(api.tx.scheduler.schedule(now + 15, null, 63, give(lucky, 7n)));
    const { when, index } = find(result, 'scheduler', 'Scheduled').data;
    assert.equal(when.toNumber(), now + 15);
    assert.equal((await balance(api, lucky)).free, 0n);
    await reach(api, now + 15);
    assert.equal((await balance(api, lucky)).free, 7n * token);
    const [event] = await dispatched(now + 15);
    assert.deepEqual(event.data.task.map(Number), [now + 15, index.toNumber()]);
    assert.ok(event.data.result.isOk);
  });

  test('repeats a named call until it is cancelled', limit, async () => {
    const id = blake2AsU8a(`task ${Date.now()}`);
    const call = api.tx.system.remarkWithEvent('again');
    const result = await asRoot(api.tx.scheduler.scheduleNamedAfter(id, 3, [4, 100], 63, call));
    const first = find(result, 'scheduler', 'Scheduled').data.when.toNumber();
    await reach(api, first + 4);
    for (const number of [first, first + 4]) {
      const mine = (await dispatched(number)).filter((e) => e.data.id.isSome && e.data.id.unwrap().toHex() === u8aToHex(id));
      assert.equal(mine.length, 1, `block ${number}`);
    }
    await asRoot(api.tx.scheduler.cancelNamed(id));
    assert.ok((await api.query.scheduler.lookup(id)).isNone);
  });

  test('runs an unsigned extrinsic that an Ethereum key signed', limit, async () => {
    const pair = secp256k1PairFromSeed(blake2AsU8a(`ethereum ${Date.now()}`));
    const payer = encodeAddress(blake2AsU8a(pair.publicKey), 11330);
    const other = person('other').address;
    await endow(api, 50n, payer);
    const call = api.tx.balances.transferKeepAlive(other, 5n * token);

    const keccak = (...parts) => keccakAsU8a(u8aConcat(...parts));
    const word = (n) => bnToU8a(n, { bitLength: 256, isLe: false });
    const domain = keccak(
      keccak(stringToU8a('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)')),
      keccak(api.consts.evmAccountMapping.eip712Name), keccak(api.consts.evmAccountMapping.eip712Version),
      word(api.consts.evmAccountMapping.eip712ChainID), new Uint8Array(32),
    );
    const metaCall = (nonce) => {
      const message = keccak(
        keccak(stringToU8a('SubstrateCall(string who,bytes callData,uint64 nonce)')),
        keccak(stringToU8a(payer)), keccak(call.method.toU8a()), word(nonce),
      );
      // The last hash is the signer's.
      const signature = secp256k1Sign(u8aConcat([0x19, 0x01], domain, message), pair, 'keccak');
      return api.tx.evmAccountMapping.metaCall(payer, call, nonce, signature, null);
    };
    const result = await must(api, metaCall(0));
    assert.ok(find(result, 'evmAccountMapping', 'CallDone').data.callResult.isOk);
    const fee = find(result, 'evmAccountMapping', 'TransactionFeePaid').data.actualFee.toBigInt();
    const service = api.consts.evmAccountMapping.serviceFee.toBigInt();
    assert.equal((await balance(api, other)).free, 5n * token);
    assert.equal((await balance(api, payer)).free, 45n * token - fee - service);
    assert.equal((await api.query.evmAccountMapping.accountNonce(payer)).toNumber(), 1);

    const refused = (tx, why) => assert.rejects(api.rpc.author.submitExtrinsic(tx.toHex()), why);
    await refused(metaCall(0), /1010.*outdated/);
    await refused(metaCall(7), /1010.*future/);
    await refused(api.tx.evmAccountMapping.metaCall(other, call, 1, new Uint8Array(65), null), /1010/);
    await must(api, metaCall(1));
  });
});

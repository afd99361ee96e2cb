// An unmodified @polkadot/api against a running network. CESS_READY names the
// network's ready file; CESS_FID a stored file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

const ready = JSON.parse(readFileSync(process.env.CESS_READY, 'utf8'));
const fid = process.env.CESS_FID;
const limit = { timeout: 60_000 };

// Refuses one method, so that a client falls back to an older way.
class Without extends WsProvider {
  constructor(url, refused) {
    super(url);
    this.refused = refused;
  }

  send(method, params, ...rest) {
    if (this.refused(method, params)) {
      return Promise.reject(new Error(`${method} is refused by the test`));
    }
    return super.send(method, params, ...rest);
  }
}

const isV15 = (method, params) => method === 'state_call' && String(params[0]).startsWith('Metadata_');

for (const [name, version, provider] of [
  ['V15 metadata', 15, () => new WsProvider(ready.rpc_ws)],
  ['V14 metadata', 14, () => new Without(ready.rpc_ws, isV15)],
]) {
  describe(`@polkadot/api on ${name}`, () => {
    let api;
    let alice;
    let bob;

    before(async () => {
      api = await ApiPromise.create({ provider: provider(), noInitWarn: false });
      const keyring = new Keyring({ type: 'sr25519', ss58Format: 11330 });
      alice = keyring.addFromUri('//Alice');
      bob = keyring.addFromUri('//Bob');
    }, limit);

    after(() => api.disconnect());

    test('connects with the chain’s own names', () => {
      assert.equal(api.runtimeMetadata.version, version);
      assert.equal(api.registry.chainSS58, 11330);
      assert.equal(api.registry.chainTokens[0], 'TCESS');
      assert.equal(api.registry.chainDecimals[0], 18);
      assert.equal(alice.address, 'cXjmuHdBk4J3Zyt2oGodwGegNFaTFPcfC48PZ9NMmcUFzF6cc');
    });

    test('follows heads with their authors', limit, async () => {
      const validators = (await api.query.session.validators()).map(String);
      const heads = [];
      await new Promise((resolve, reject) => {
        api.derive.chain.subscribeNewHeads((head) => {
          heads.push(head);
          if (heads.length === 4) resolve();
        }).catch(reject);
      });
      // The library looks the authors up side by side: of two heads that come at
      // once the later one may be ready first.
      heads.sort((a, b) => a.number.toNumber() - b.number.toNumber());
      for (const [i, head] of heads.entries()) {
        assert.ok(validators.includes(String(head.author)), `author ${head.author}`);
        assert.equal(String(head.hash), String(await api.rpc.chain.getBlockHash(head.number)));
        if (i > 0) assert.equal(head.number.toNumber(), heads[i - 1].number.toNumber() + 1);
      }
    });

    test('sends a transfer and decodes its fee and events', limit, async () => {
      const amount = 12_345_000_000_000_000_000n;
      const before = (await api.query.system.account(bob.address)).data.free.toBigInt();
      const transfer = api.tx.balances.transferKeepAlive(bob.address, amount);
      const { partialFee } = await transfer.paymentInfo(alice);
      const seen = [];
      const result = await new Promise((resolve, reject) => {
        transfer.signAndSend(alice, (r) => {
          seen.push(r.status.type);
          if (r.status.isFinalized) resolve(r);
          if (r.isError) reject(new Error(r.status.type));
        }).catch(reject);
      });
      assert.deepEqual(seen, ['Ready', 'InBlock', 'Finalized']);
      const find = (section, method) => result.events.find(({ event }) => event.section === section && event.method === method)?.event;
      assert.equal(find('balances', 'Transfer').data.amount.toBigInt(), amount);
      assert.ok(find('system', 'ExtrinsicSuccess'));
      const paid = find('transactionPayment', 'TransactionFeePaid');
      assert.equal(String(paid.data.who), alice.address);
      // The price may move a little with each block between estimate and
      // inclusion; fees.test.js compares to the planck.
      const [is, announced] = [paid.data.actualFee.toBigInt(), partialFee.toBigInt()];
      assert.ok(is <= announced + announced / 1000n && is >= announced - announced / 1000n, `paid ${is}, announced ${announced}`);
      assert.equal((await api.query.system.account(bob.address)).data.free.toBigInt(), before + amount);

      const block = await api.rpc.chain.getBlock(result.status.asFinalized);
      const mine = block.block.extrinsics.find((x) => x.hash.eq(result.txHash));
      assert.ok(mine, 'the block carries the extrinsic with the same hash');
      assert.equal(mine.method.section, 'balances');
    });

    test('runs a batch of three calls of which one fails', limit, async () => {
      const calls = [
        api.tx.balances.transferKeepAlive(bob.address, 1_000n),
        api.tx.sudo.setKey(bob.address), // Bob is not sudo
        api.tx.system.remarkWithEvent('after the failure'),
      ];
      const run = (tx) => new Promise((resolve, reject) => {
        tx.signAndSend(bob, (r) => {
          if (r.status.isInBlock) resolve(r.events.map(({ event }) => event));
          if (r.isError) reject(new Error(r.status.type));
        }).catch(reject);
      });
      const names = (events) => events.filter((e) => e.section === 'utility').map((e) => e.method);

      const forced = await run(api.tx.utility.forceBatch(calls));
      assert.deepEqual(names(forced), ['ItemCompleted', 'ItemFailed', 'ItemCompleted', 'BatchCompletedWithErrors']);
      const failed = forced.find((e) => e.method === 'ItemFailed').data[0];
      const { section, name } = api.registry.findMetaError(failed.asModule);
      assert.equal(`${section}.${name}`, 'sudo.RequireSudo');

      const plain = await run(api.tx.utility.batch(calls));
      assert.deepEqual(names(plain), ['ItemCompleted', 'BatchInterrupted']);

      const all = await run(api.tx.utility.batchAll(calls));
      assert.ok(all.some((e) => e.section === 'system' && e.method === 'ExtrinsicFailed'));
      assert.deepEqual(names(all), []);
    });

    test('reads the storage network’s state', limit, async () => {
      const miners = await api.query.sminer.allMiner();
      assert.ok(miners.length > 0);
      const item = (await api.query.sminer.minerItems(miners[0])).unwrap();
      assert.equal(item.state.toUtf8(), 'positive');
      const items = await api.query.sminer.minerItems.entries();
      // Who has registered and has no PoIS key yet is no miner to choose from.
      const listed = items.map(([key]) => String(key.args[0]));
      for (const miner of miners) assert.ok(listed.includes(String(miner)));
      assert.equal((await api.query.sminer.counterForMinerItems()).toNumber(), items.length);
      assert.equal(api.consts.fileBank.fragmentCount.toNumber(), 12);
      assert.ok(api.consts.balances.existentialDeposit.toBigInt() === 10n ** 18n);

      const territories = await api.query.storageHandler.territory.entries();
      for (const [, territory] of territories) {
        const t = territory.unwrap();
        assert.equal(
          t.totalSpace.toBigInt(),
          t.usedSpace.toBigInt() + t.lockedSpace.toBigInt() + t.remainingSpace.toBigInt(),
        );
      }
      if (fid) {
        assert.ok(territories.length > 0);
        const file = (await api.query.fileBank.file(fid)).unwrap();
        assert.equal(file.stat.type, 'Active');
        for (const segment of file.segmentList) {
          assert.equal(new Set(segment.fragmentList.map((f) => f.miner.toString())).size, 12);
        }
      }
    });

    test('refuses what cannot be valid', limit, async () => {
      const { nonce } = await api.query.system.account(alice.address);
      const stale = await api.tx.system.remark('stale').signAsync(alice, { nonce: nonce.toNumber() - 1 });
      await assert.rejects(stale.send(), /1010: Invalid Transaction: Transaction is outdated/);
      const bad = await api.tx.system.remark('bad').signAsync(alice, { nonce });
      const bytes = bad.toU8a();
      bytes[60] ^= 1; // inside the signature
      await assert.rejects(
        api.rpc.author.submitExtrinsic(api.createType('Extrinsic', bytes)),
        /1010: Invalid Transaction: Transaction has a bad signature/,
      );
    });
  });
}

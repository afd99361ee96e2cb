// The reads that polkadot-js applications build their pages from. CESS_READY
// names the network's ready file.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

const ready = JSON.parse(readFileSync(process.env.CESS_READY, 'utf8'));
const limit = { timeout: 60_000 };

describe('derive', () => {
  let api;
  let alice;
  let stash;

  // What is read in several steps must be of one session: seats change with the
  // next, and an era may begin. A check during which that happens is made again.
  const inOneSession = async (check) => {
    for (;;) {
      const session = await api.query.session.currentIndex();
      const failed = await check().then(() => undefined, (error) => error);
      if (session.eq(await api.query.session.currentIndex())) {
        if (failed) throw failed;
        return;
      }
    }
  };

  before(async () => {
    api = await ApiPromise.create({ provider: new WsProvider(ready.rpc_ws), noInitWarn: true });
    const keyring = new Keyring({ type: 'sr25519', ss58Format: 11330 });
    alice = keyring.addFromUri('//Alice').address;
    stash = keyring.addFromUri('//Alice//stash').address;
  }, limit);

  after(() => api.disconnect());

  test('metadata is offered as V14 and V15', limit, async () => {
    assert.deepEqual((await api.call.metadata.metadataVersions()).map((v) => v.toNumber()), [14, 15]);
    for (const version of [14, 15]) {
      const blob = (await api.call.metadata.metadataAtVersion(version)).unwrap();
      const metadata = api.registry.createType('Metadata', blob.toU8a(true).length ? blob.toHex() : '0x');
      assert.equal(metadata.version, version);
    }
    assert.ok((await api.call.metadata.metadataAtVersion(99)).isNone);
    assert.equal((await api.rpc.state.getMetadata()).version, 14);
  });

  test('accounts', limit, async () => {
    const info = await api.derive.accounts.info(alice);
    assert.equal(String(info.accountId), alice);
    assert.equal(String(await api.derive.accounts.accountId(alice)), alice);
    assert.deepEqual(Object.keys(await api.derive.accounts.indexes()), []);
    const flags = await api.derive.accounts.flags(alice);
    assert.equal(flags.isSociety, false);
  });

  test('balances', limit, async () => {
    const { data, nonce } = await api.query.system.account(alice);
    const all = await api.derive.balances.all(alice);
    assert.equal(all.freeBalance.toBigInt(), data.free.toBigInt());
    assert.equal(all.reservedBalance.toBigInt(), data.reserved.toBigInt());
    assert.equal(all.accountNonce.toNumber(), nonce.toNumber());
    assert.ok(all.availableBalance.toBigInt() <= data.free.toBigInt());
    const account = await api.derive.balances.account(alice);
    assert.equal(account.freeBalance.toBigInt(), data.free.toBigInt());
    // A validator's stake is locked.
    const bonded = await api.derive.balances.all(stash);
    assert.ok(bonded.lockedBalance.toBigInt() > 0n);
  });

  test('chain', limit, async () => {
    const best = await api.derive.chain.bestNumber();
    const final = await api.derive.chain.bestNumberFinalized();
    assert.ok(final.toNumber() >= best.toNumber());
    assert.ok((await api.derive.chain.bestNumberLag()).toNumber() <= 1);
    const hash = await api.rpc.chain.getBlockHash(best.toNumber());
    const block = await api.derive.chain.getBlock(hash);
    const header = await api.derive.chain.getHeader(hash);
    // The author is of the list before the block, which may bring a new one.
    const earlier = await api.at(block.block.header.parentHash);
    const validators = (await earlier.query.session.validators()).map(String);
    assert.ok(validators.includes(String(block.author)));
    assert.equal(String(header.author), String(block.author));
    assert.ok(block.events.length > 0);
    const blocks = [];
    await new Promise((resolve, reject) => {
      api.derive.chain.subscribeNewBlocks((b) => {
        blocks.push(b);
        if (blocks.length === 3) resolve();
      }).catch(reject);
    });
    for (const b of blocks) assert.equal(b.block.extrinsics[0].method.section, 'timestamp');
  });

  test('session', limit, () => inOneSession(async () => {
    const indexes = await api.derive.session.indexes();
    const validators = (await api.query.session.validators()).map(String);
    assert.deepEqual(indexes.validatorCount.toNumber(), validators.length);
    const info = await api.derive.session.info();
    assert.ok(info.sessionLength.toNumber() > 0);
    const progress = await api.derive.session.progress();
    assert.ok(progress.sessionProgress.toNumber() <= progress.sessionLength.toNumber());
    assert.equal(progress.currentEra.toNumber(), (await api.query.staking.currentEra()).unwrap().toNumber());
    const keys = (await api.query.session.nextKeys(stash)).unwrap();
    const decoded = (await api.call.sessionKeys.decodeSessionKeys(keys.toHex())).unwrap();
    assert.deepEqual(decoded.map(([, kind]) => kind.toUtf8()), ['gran', 'babe', 'imon', 'audi', 'beef']);
    assert.deepEqual(decoded.map(([key]) => key.toHex()), [...keys.values()].map((key) => key.toHex()));
  }));

  test('staking', limit, () => inOneSession(async () => {
    const overview = await api.derive.staking.overview();
    const validators = (await api.query.session.validators()).map(String);
    assert.deepEqual(overview.validators.map(String), validators);
    assert.ok((await api.derive.staking.stashes()).map(String).includes(stash));
    const account = await api.derive.staking.account(stash);
    assert.ok(account.stakingLedger.active.unwrap().toBigInt() > 0n);
    const query = await api.derive.staking.query(stash, { withLedger: true, withPrefs: true, withController: true });
    assert.ok(query.validatorPrefs);
    const waiting = await api.derive.staking.waitingInfo();
    assert.ok(Array.isArray(waiting.waiting.map(String)));
  }));

  test('eras', limit, () => inOneSession(async () => {
    const validators = (await api.query.session.validators()).map(String);
    const progress = await api.derive.session.progress();
    assert.equal(progress.eraLength.toNumber(), progress.sessionLength.toNumber() * progress.sessionsPerEra.toNumber());
    assert.ok(progress.eraProgress.toNumber() <= progress.eraLength.toNumber());
    assert.ok((await api.derive.session.eraLength()).eq(progress.eraLength));
    const active = progress.activeEra.toNumber();
    assert.ok(progress.currentEra.toNumber() - active <= 1);
    const behind = await api.query.staking.erasStakersOverview.keys(active);
    assert.deepEqual(behind.map((k) => String(k.args[1])).sort(), [...validators].sort());
    // The library looks for the elected, and for exposures, among those who have
    // nominators.
    const next = (await api.derive.staking.nextElected()).map(String);
    if (progress.currentEra.toNumber() === active) assert.ok(next.every((who) => validators.includes(who)));
    const elected = await api.derive.staking.electedInfo({ withExposure: true, withPrefs: true });
    assert.equal(elected.info.length, elected.nextElected.length);
    const exposure = await api.derive.staking.eraExposure(active);
    assert.ok(Object.keys(exposure.validators).every((who) => validators.includes(who)));
    const points = await api.derive.staking.currentPoints();
    for (const who of points.individual.keys()) assert.ok(validators.includes(String(who)));
    const some = active === 0 ? 0 : 1;
    const eras = await api.derive.staking.erasHistoric();
    assert.ok(eras.length >= Math.min(active, api.consts.staking.historyDepth.toNumber()));
    const [rewards, all] = [await api.derive.staking.erasRewards(), await api.derive.staking.erasPoints()];
    assert.ok(rewards.length >= some && all.length >= some);
    for (const { eraReward } of rewards) assert.ok(eraReward.toBigInt() > 0n);
    // A block's author is noted before a new era begins, as in every Substrate
    // chain: an era ends with the first block of the next.
    for (const { era, eraPoints } of all) {
      assert.equal(eraPoints.toNumber(), 20 * (progress.eraLength.toNumber() + (era.toNumber() === 0 ? 1 : 0)));
    }
    assert.ok((await api.derive.staking.erasSlashes()).length >= some);
    assert.ok((await api.derive.staking.stakerPoints(validators[0], true)).length >= some);
    await api.derive.staking.stakerRewards(validators[0], true);
  }));
});

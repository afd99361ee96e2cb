// An unmodified polkadot-api stays connected while the chain changes its
// runtime. CESS_UPGRADE names a chain of its own whose node knows the next
// runtime too (a program built with the tag nextruntime).
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { sr25519CreateDerive } from '@polkadot-labs/hdkd';
import { DEV_PHRASE, entropyToMiniSecret, mnemonicToEntropy, ss58Address } from '@polkadot-labs/hdkd-helpers';
import { Binary, createClient, Enum } from 'polkadot-api';
import { getPolkadotSigner } from 'polkadot-api/signer';
import { getWsProvider } from 'polkadot-api/ws-provider/node';

const url = process.env.CESS_UPGRADE;
const token = 10n ** 18n;

describe('runtime upgrade', { skip: !url && 'CESS_UPGRADE is not set' }, () => {
  const pair = sr25519CreateDerive(entropyToMiniSecret(mnemonicToEntropy(DEV_PHRASE)))('//Alice');
  const alice = getPolkadotSigner(pair.publicKey, 'Sr25519', pair.sign);
  const to = ss58Address(new Uint8Array(32).fill(7), 11330);
  let client;
  let api;

  before(() => {
    client = createClient(getWsProvider({ endpoints: [url] }));
    api = client.getUnsafeApi();
  });

  after(() => client?.destroy());

  const must = async (tx) => {
    const result = await tx.signAndSubmit(alice); // finalised
    assert.ok(result.ok, JSON.stringify(result.dispatchError));
    return result;
  };
  const pay = (value) => api.tx.Balances.transfer_keep_alive({ dest: Enum('Id', to), value });
  const free = async (...at) => (await api.query.System.Account.getValue(to, ...at)).data.free;
  const specVersion = async (...at) => (await api.apis.Core.version(...at)).spec_version;

  test('goes on with the new metadata', { timeout: 60_000 }, async () => {
    assert.equal(await specVersion(), 137);
    const old = await api.constants.Cacher.BillsLimit();
    const before = await must(pay(2n * token));

    const at = (await client.getFinalizedBlock()).number + 15;
    const call = api.tx.Upgrade.schedule({ spec_version: 138, height: at });
    await must(api.tx.Sudo.sudo({ call: call.decodedCall }));
    await new Promise((resolve, reject) => {
      const heads = client.finalizedBlock$.subscribe({
        next: ({ number }) => {
          if (number <= at) return;
          queueMicrotask(() => heads.unsubscribe());
          resolve();
        },
        error: reject,
      });
    });

    assert.equal(await specVersion(), 138);
    assert.equal(await api.constants.Cacher.BillsLimit(), 20);
    assert.notEqual(old, 20);
    const written = await must(api.tx.Almanac.write({ text: Binary.fromText('a note') }));
    assert.ok(written.events.some((e) => e.type === 'Almanac' && e.value.type === 'Written'));
    assert.equal((await api.query.Almanac.Note.getValue()).asText(), 'a note');
    await must(pay(token));
    assert.equal(await free(), 3n * token);

    // A block of before is read with the metadata that it had.
    const then = { at: before.block.hash };
    assert.equal(await specVersion(then), 137);
    assert.equal(await free(then), 2n * token);
    const events = await api.query.System.Events.getValue(then);
    assert.ok(events.some(({ event }) => event.type === 'Balances' && event.value.type === 'Transfer'));
    await assert.rejects(api.query.Almanac.Note.getValue(then), 'the old runtime has no Almanac');
  });
});

// Final heads come without loss or repetition. CESS_HEADS is how many are read
// (100 by default, 1,000 for acceptance), CESS_FAST the WebSocket address of a
// chain with short blocks; without it, that of CESS_READY's network is read.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { ApiPromise, WsProvider } from '@polkadot/api';

const url = process.env.CESS_FAST ?? JSON.parse(readFileSync(process.env.CESS_READY, 'utf8')).rpc_ws;
const count = Number(process.env.CESS_HEADS ?? 100);

describe('heads', () => {
  let api;

  before(async () => {
    api = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true });
  }, { timeout: 60_000 });

  after(() => api.disconnect());

  test(`${count} final heads in a row`, { timeout: 60_000 + 2_500 * count }, async () => {
    const final = [];
    let best = -1;
    await new Promise((resolve, reject) => {
      api.rpc.chain.subscribeNewHeads((head) => { best = Math.max(best, head.number.toNumber()); }).catch(reject);
      api.rpc.chain.subscribeFinalizedHeads((head) => {
        final.push({ head, best });
        if (final.length === count) resolve();
      }).catch(reject);
    });
    for (const [i, { head, best }] of final.entries()) {
      const number = head.number.toNumber();
      // Both subscriptions begin with the best block, in whatever order.
      if (i > 0) assert.ok(best >= number, `final head ${number} came before the new head`);
      if (i > 0) {
        assert.equal(number, final[i - 1].head.number.toNumber() + 1);
        assert.equal(String(head.parentHash), String(final[i - 1].head.hash), `parent of ${number}`);
      }
    }
    // The client's hash of each header is the chain's.
    for (let i = 0; i < count; i += 50) {
      const numbers = final.slice(i, i + 50).map(({ head }) => head.number.toNumber());
      for (const [j, number] of numbers.entries()) {
        assert.equal(String(await api.rpc.chain.getBlockHash(number)), String(final[i + j].head.hash));
      }
    }
  });
});

import { describe } from 'node:test';
import { fixtures, type CreateStore } from '../../support/store-fixture.ts';
import { describeAccounts } from './contract/accounts.ts';
import { describeAlarms } from './contract/alarms.ts';
import { describeAudits } from './contract/audits.ts';
import { describeClosings } from './contract/closings.ts';
import { describeDiscarding } from './contract/discarding.ts';
import { describeDoubts } from './contract/doubts.ts';
import { describeDays } from './contract/days.ts';
import { describeExporting } from './contract/exporting.ts';
import { describeForgetting } from './contract/forgetting.ts';
import { describeOpinions } from './contract/opinions.ts';
import { describeOpenItems } from './contract/open-items.ts';
import { describeSameImages } from './contract/same-images.ts';
import { describeRequestKeys } from './contract/request-keys.ts';
import { describeReassigning } from './contract/reassigning.ts';
import { describeUndoing } from './contract/undoing.ts';
import { describeClaiming } from './contract/claiming.ts';
import { describeInterleavings } from './contract/interleavings.ts';
import { describeKeeping } from './contract/keeping.ts';
import { describeLabelling } from './contract/labelling.ts';
import { describeLeases } from './contract/leases.ts';
import { describeLists } from './contract/lists.ts';
import { describeModels } from './contract/models.ts';
import { describeRecords } from './contract/records.ts';
import { describeSkipping } from './contract/skipping.ts';
import { describeStatistics } from './contract/statistics.ts';
import { describeViews } from './contract/views.ts';
import { describeTrail } from './contract/trail.ts';

/**
 * What every review queue must do, in the words of the port alone.
 *
 * `create` makes an empty store whose only clock is the one it is given.
 */
export function describeReviewQueue(name: string, create: CreateStore): void {
  const open = fixtures(create);
  describe(`the review queue in ${name}`, () => {
    describeRecords(open);
    describeRequestKeys(open);
    describeSameImages(open);
    describeOpenItems(open);
    describeClaiming(open);
    describeModels(open);
    describeLeases(open);
    describeSkipping(open);
    describeLabelling(open);
    describeDiscarding(open);
    describeUndoing(open);
    describeOpinions(open);
    describeDoubts(open);
    describeReassigning(open);
    describeAccounts(open);
    describeExporting(open);
    describeForgetting(open);
    describeAudits(open);
    describeAlarms(open);
    describeClosings(open);
    describeKeeping(open);
    describeDays(open);
    describeLists(open);
    describeViews(open);
    describeStatistics(open);
    describeTrail(open);
    describeInterleavings(create);
  });
}

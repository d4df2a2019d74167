import { callerOf } from '../server/request-context.ts';
import type { CheckedStore } from '../checked-ports.ts';
import { HttpError } from '../http-error.ts';
import type { Route } from '../route.ts';
import { sendNothing } from '../server/sending.ts';
import { idOf, idPath, unknownItem } from './item-id.ts';

/** Deleting what is kept of one image, for whoever may ask for it. */
export function forgettingRoute({ forgetting }: Pick<CheckedStore, 'forgetting'>): Route {
  return {
    method: 'delete',
    path: '/v1/predictions/{id}',
    access: 'admin',
    operation: {
      operationId: 'forgetPrediction',
      tags: ['predictions'],
      summary: 'Delete a prediction, its image, answer, opinions and label for good',
      description:
        'What happened to its item stays in the audit trail, without labels and notes, and so does that it ' +
        'was forgotten, when, and by whom. Labels that were exported before are with those who have them. ' +
        'A request that is repeated under its `Idempotency-Key` is answered 410.',
      requestParams: { path: idPath },
      responses: {
        204: { description: 'Nothing of it is left in the database’s files.' },
        202: {
          description:
            'It is deleted. The database’s log still has it while another program reads there, such as a ' +
            'backup, and is emptied as soon as none does.',
        },
      },
    },
    problems: ['unknown_item', 'prediction_forgotten', 'queue_closed'],
    handle: async (request, response) => {
      const id = idOf(request);
      const [gone] = await forgetting.remove([id], { act: 'forgotten', who: callerOf(response).keyId });
      if (gone === undefined) throw await goneOrUnknown(forgetting, id);
      sendNothing(response, (await forgetting.erase()) ? 204 : 202);
    },
  };
}

/** What to say of an id that names no prediction now. */
export async function goneOrUnknown(
  forgetting: CheckedStore['forgetting'],
  id: ReturnType<typeof idOf>,
): Promise<HttpError> {
  if (!(await forgetting.wasForgotten(id))) return unknownItem(id);
  return new HttpError('prediction_forgotten', `The prediction ${id} was forgotten; nothing of it is kept.`);
}

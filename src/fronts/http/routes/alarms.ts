import type { ChangeWatch, EndOutcome } from '../../../oversight/change/change-watch.ts';
import type { PlainText } from '../../../plain-text.ts';
import type { Alarm } from '../../../store/alarms.ts';
import { type AlarmAnswer, type AlarmsAnswer, alarmsSchema, endAlarmRequest } from '../../../wire/alarms.ts';
import { jsonBodyProblems, type JsonReader } from '../body/json-body.ts';
import { HttpError } from '../http-error.ts';
import type { Route } from '../route.ts';
import { callerOf } from '../server/request-context.ts';
import { sendJson } from '../server/send-json.ts';
import { sendNothing } from '../server/sending.ts';

/** The watch for change as routes have it: text that nobody has checked does not compile. */
export interface Watched extends Pick<ChangeWatch, 'alarms' | 'states' | 'isWatching'> {
  /** What the service does while an alarm stands. */
  readonly onShift: AlarmsAnswer['on_shift'];
  end(request: {
    readonly stream: PlainText | null;
    readonly by: PlainText;
    readonly why: PlainText;
  }): Promise<EndOutcome>;
}

/** Neighbours that are so much alike are frames of a film, or come in order. */
const FOLLOWS = 0.2;

const NOT_WATCHED =
  'There is no gate that says what its calibration was like, so no change is told. Calibrate anew.';

/** Alarms that images are no longer like calibration's. */
export function alarmRoutes(watch: Watched, readJson: JsonReader): readonly Route[] {
  return [
    {
      method: 'get',
      path: '/v1/alarms',
      access: 'admin',
      operation: {
        operationId: 'listAlarms',
        tags: ['model'],
        summary: 'Whether images are still like those of calibration',
        description:
          'An alarm is a hint and no proof: of a million images like calibration’s, over all streams and ' +
          'replicas, one raises an alarm in a hundred cases at most.',
        responses: {
          200: { description: 'The alarms.', content: { 'application/json': { schema: alarmsSchema } } },
        },
      },
      problems: [],
      handle: (_request, response) => {
        const answer: AlarmsAnswer = {
          alarms: watch.alarms().map(answerOf).reverse(),
          watched: watch.states().map((state) => ({ ...state, follows: state.autocorrelation > FOLLOWS })),
          on_shift: watch.onShift,
          reason: watch.isWatching() ? null : NOT_WATCHED,
        };
        sendJson(response, 200, answer);
      },
    },
    {
      method: 'post',
      path: '/v1/alarms/end',
      access: 'admin',
      operation: {
        operationId: 'endAlarm',
        tags: ['model'],
        summary: 'End an alarm',
        description:
          'To be called once the cause is found or known to be harmless. Images from then on are watched ' +
          'anew, and raise the alarm again if they are still unlike calibration’s: then calibrate on ' +
          'images of now.',
        requestBody: { required: true, content: { 'application/json': { schema: endAlarmRequest } } },
        responses: { 204: { description: 'It is ended. Who ended it and why stands in the trail.' } },
      },
      problems: ['no_gate', 'no_alarm', 'queue_closed', ...jsonBodyProblems],
      handle: async (request, response) => {
        const { stream, why } = await readJson(endAlarmRequest, request, response);
        const outcome = await watch.end({ stream, by: callerOf(response).keyId, why });
        if (outcome === 'no_gate') {
          throw new HttpError(
            'no_gate',
            'There is no valid gate, so every image goes to review. See GET /v1/gate.',
          );
        }
        if (outcome === 'no_alarm') {
          const where = stream === null ? 'over all images' : `for stream "${stream}"`;
          throw new HttpError('no_alarm', `No alarm stands ${where}. GET /v1/alarms says where one does.`);
        }
        sendNothing(response);
      },
    },
  ];
}

function answerOf({ stream, gateId, raisedMs, sinceMs, finding, ended }: Alarm): AlarmAnswer {
  return {
    stream,
    gate: gateId,
    raised_at: new Date(raisedMs).toISOString(),
    since: new Date(sinceMs).toISOString(),
    finding: finding as AlarmAnswer['finding'],
    ended: ended && { at: new Date(ended.atMs).toISOString(), by: ended.by, why: ended.why },
  };
}

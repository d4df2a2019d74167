import type { Answer, Reason } from '../../wire/answers.ts';

/*
 * Words that only a later release knows go out as text, as that release's replicas answer them beside this
 * one.
 */

export function wireReasons(reasons: readonly string[]): Reason[] {
  return [...reasons] as Reason[];
}

export function wireMethod(method: string): NonNullable<Answer['sensitivity']>['method'] {
  return method as NonNullable<Answer['sensitivity']>['method'];
}

/** Examples of problem documents in the OpenAPI document; their words are those of `http/problem.ts`. */

import { type Example, reference } from './openapi-model.ts';

export const APPLICATION = 'https://developer.nexmo.com/api-errors/application#';
export const COMMON = 'https://developer.vonage.com/api-errors#';
const INSTANCE = '6f0d2c9be1a84d35b7c1f4e08a9d2b63';

/** The schema of a problem without members of its own. */
export const PROBLEM = reference('schemas', 'Problem');

/** An example of a problem document; `more` are the members that only its kind has. */
export function example(
  summary: string,
  type: string,
  title: string,
  detail: string,
  more: object = {},
): Example {
  return { summary, value: { type, title, detail, instance: INSTANCE, ...more } };
}

export const NOT_HTTP = example(
  'Not HTTP',
  `${COMMON}bad-request`,
  'Bad Request',
  'The request is not HTTP as it should be',
);

/** What can go wrong beneath HTTP and the CLI: stable codes, no status, no wire text. */

/** One fault of an input: the dotted path of the member and a phrase that says what is wrong with it. */
export interface Fault {
  readonly name: string;
  readonly reason: string;
}

/** The stable codes; `http/problem.ts` and `cli/errors.ts` each hold one table over them. */
export type ErrorCode =
  | 'payload_invalid'
  | 'list_invalid'
  | 'json_invalid'
  | 'header_invalid'
  | 'application_not_found'
  | 'precondition_failed'
  | 'application_gone'
  | 'webhook_unknown'
  | 'webhook_not_set'
  | 'delivery_not_found'
  | 'delivery_not_ended'
  | 'body_dropped'
  | 'signing_impossible'
  | 'idempotency_conflict'
  | 'idempotency_mismatch'
  | 'account_not_found'
  | 'account_exists'
  | 'account_not_empty'
  | 'account_invalid'
  | 'secret_not_found'
  | 'secret_invalid'
  | 'too_many_secrets'
  | 'secret_last'
  | 'unauthorized'
  | 'too_many_failures'
  | 'overloaded'
  | 'storage_unavailable'
  | 'storage_unusable'
  | 'master_key_wrong'
  | 'backup_unusable'
  | 'file_exists'
  | 'database_not_empty'
  | 'copy_impossible'
  | 'copy_differs'
  | 'import_invalid'
  | 'application_exists';

/** An error with a stable code; `message` is for people, `details` for whoever presents it. */
export class JackfieldError extends Error {
  readonly code: ErrorCode;
  readonly fix: string | undefined;
  readonly faults: readonly Fault[];
  /** Whole seconds after which trying again makes sense. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    details: { fix?: string; faults?: readonly Fault[]; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'JackfieldError';
    this.code = code;
    this.fix = details.fix;
    this.faults = details.faults ?? [];
    this.retryAfter = details.retryAfter;
  }
}

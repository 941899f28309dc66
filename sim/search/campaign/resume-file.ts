/**
 * The file with the progress of a campaign, as JSON. It is written to a temporary file and renamed, so it is always
 * complete. It is never overwritten before it was read and understood.
 */
import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import type { System } from '../../run/system.ts';
import type { CampaignState } from './campaign.ts';
import { formatShard, type SeedPlan } from './seed-plan.ts';

const format = 1;

/**
 * What identifies a campaign. The requested number of runs or minutes is not part of it, since a later call may raise
 * it.
 */
export interface CampaignIdentity extends SeedPlan {
  readonly system: Pick<System, 'name'>;
  readonly family: { readonly name: string };
  readonly bug?: string;
  readonly checksAll: boolean;
}

interface CampaignKey {
  readonly system: string;
  readonly scenario: string;
  readonly bug: string | null;
  readonly seed: number;
  readonly shard: string;
  readonly checkDeterminism: boolean;
  /** Digest of the sources that make the runs: runs of other code cannot be added. */
  readonly code: string;
}

export interface Done {
  readonly state: CampaignState;
  /** Real milliseconds that it took so far. */
  readonly realMs: number;
}

interface File extends Done {
  readonly format: number;
  readonly campaign: CampaignKey;
  /** SHA-256 of the rest, as JSON: a file that was truncated or edited is refused. */
  readonly checksum: string;
}

/** How the campaign of a file differs from the requested one. */
export interface CampaignDifference {
  readonly field: Exclude<keyof CampaignKey, 'code'>;
  readonly was: string;
  readonly is: string;
}

/** The file cannot be used. The message continues after its name. */
export class ResumeFileError extends Error {
  override readonly name = 'ResumeFileError';
  /** Present when the file belongs to another campaign. */
  readonly difference: CampaignDifference | undefined;
  /** Whether its content is the reason: the file was left unchanged. */
  readonly isContent: boolean;

  constructor(message: string, isContent = false, difference?: CampaignDifference) {
    super(message);
    this.isContent = isContent;
    this.difference = difference;
  }
}

/** The text of a resume file. */
export function resumeText(plan: CampaignIdentity, code: string, done: Done): string {
  const body = { format, campaign: keyOf(plan, code), ...done };
  return `${JSON.stringify({ ...body, checksum: checksumOf(body) })}\n`;
}

/**
 * Parses such a text, and takes the seed from it when none was given.
 *
 * @throws {ResumeFileError} when it is not whole, of another version, or of another campaign.
 */
export function readResume<Plan extends CampaignIdentity & { readonly isSeedGiven: boolean }>(
  text: string,
  plan: Plan,
  code: string,
): { readonly plan: Plan; readonly done: Done } {
  const { checksum, ...body } = parse(text);
  if (body.format !== format) {
    throw unusable(`has format ${inspect(String(body.format))}, and this is format ${format}`);
  }
  if (checksum !== checksumOf(body)) throw unusable('is not whole: its checksum is wrong');
  const { campaign, state, realMs } = body;
  const same = plan.isSeedGiven ? plan : { ...plan, seed: campaign.seed };
  assertSame(campaign, keyOf(same, code));
  return { plan: same, done: { state, realMs } };
}

function keyOf(plan: CampaignIdentity, code: string): CampaignKey {
  return {
    system: plan.system.name,
    scenario: plan.family.name,
    bug: plan.bug ?? null,
    seed: plan.seed,
    shard: formatShard(plan.shard),
    checkDeterminism: plan.checksAll,
    code,
  };
}

function assertSame(was: CampaignKey, asked: CampaignKey): void {
  for (const field of Object.keys(asked) as (keyof CampaignKey)[]) {
    if (asked[field] === was[field]) continue;
    if (field === 'code')
      throw unusable('was made by other code; the runs of both cannot be added up');
    const texts = { was: String(was[field] ?? 'none'), is: String(asked[field] ?? 'none') };
    throw new ResumeFileError('is of another campaign', true, { field, ...texts });
  }
}

function parse(text: string): File {
  try {
    const file: unknown = JSON.parse(text);
    if (typeof file === 'object' && file !== null) return file as File;
  } catch (error) {
    throw unusable(`is not whole: ${(error as Error).message}`);
  }
  throw unusable('is not a file of a campaign');
}

function checksumOf(body: object): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex');
}

function unusable(what: string): ResumeFileError {
  return new ResumeFileError(what, true);
}

/** Writes the progress of a running campaign to its resume file. */
import type { Campaign } from './campaign.ts';
import {
  type CampaignIdentity,
  type Done,
  ResumeFileError,
  readResume,
  resumeText,
} from './resume-file.ts';

/** What a checkpoint needs of the disk and the clock. */
export interface CheckpointFiles {
  nowMs(): number;
  /** The text of a file, or nothing when there is none. @throws when it cannot be read. */
  readText(path: string): string | undefined;
  /** Replaces the content of the file with `text`, atomically. @throws when it cannot. */
  replaceText(path: string, text: string): void;
  /** Digest of all sources that a run is made with. */
  codeDigest(): string;
}

interface Resumable extends CampaignIdentity {
  /** Path of the file; without one nothing is written. */
  readonly resume?: string;
}

/** Real milliseconds between two writes: the work that a `kill -9` can lose. */
const msBetweenWrites = 3_000;

/**
 * The progress in the file and the plan that it belongs to; no progress when there is no such file yet.
 *
 * @throws {ResumeFileError} when the file is not one of this campaign.
 */
export function readCheckpoint<Plan extends Resumable & { readonly isSeedGiven: boolean }>(
  plan: Plan,
  files: CheckpointFiles,
): { readonly plan: Plan; readonly done?: Done } {
  if (plan.resume === undefined) return { plan };
  let text: string | undefined;
  try {
    text = files.readText(plan.resume);
  } catch (error) {
    throw new ResumeFileError(`cannot be read: ${reasonOf(error)}`);
  }
  return text === undefined ? { plan } : readResume(text, plan, files.codeDigest());
}

export class Checkpoint {
  readonly #plan: Resumable;
  readonly #files: CheckpointFiles;
  readonly #code: string;
  #writtenMs: number;

  /** @throws {ResumeFileError} when the file cannot be written: before the first run, not after the last. */
  constructor(plan: Resumable, files: CheckpointFiles, campaign: Campaign, realMs: number) {
    this.#plan = plan;
    this.#files = files;
    this.#code = plan.resume === undefined ? '' : files.codeDigest();
    this.#writtenMs = files.nowMs();
    const error = this.write(campaign, realMs);
    if (error !== undefined) throw error;
  }

  /** Writes if the last write is long enough ago. A failed write is tried again later. */
  advance(campaign: Campaign, realMs: number): void {
    if (this.#plan.resume === undefined) return;
    const nowMs = this.#files.nowMs();
    if (nowMs - this.#writtenMs < msBetweenWrites) return;
    this.#writtenMs = nowMs;
    this.write(campaign, realMs);
  }

  /** Writes now. An error is returned, not thrown, since the runs have been made. */
  write(campaign: Campaign, realMs: number): ResumeFileError | undefined {
    const { resume } = this.#plan;
    if (resume === undefined) return undefined;
    try {
      const done = { state: campaign.state(), realMs };
      this.#files.replaceText(resume, resumeText(this.#plan, this.#code, done));
      return undefined;
    } catch (error) {
      return new ResumeFileError(`cannot be written: ${reasonOf(error)}`);
    }
  }
}

function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? message;
}

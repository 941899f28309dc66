/** Counts that a state was reached. */
export type RecordSometimes = (state: string) => void;

/** npm packs what there is of the `files` of a manifest, and says nothing of what there is not. Pure. */

/** Entries of `files` of which `packed`, the files of the tarball, has none. */
export function missingFrom(packed: readonly string[], files: readonly string[]): string[] {
  return files.filter(
    (entry) => !packed.some((path) => path === entry || path.startsWith(`${entry}/`)),
  );
}

package dev.grain.minion.file;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How many items were done by minions whose files were removed: the name of the only file in a
 * folder of its own. Who adds to it renames the file, so that it has a name that it never had
 * before: exactly one of those who try succeeds.
 *
 * <p>The name says which minion was added last, too. As long as the files of that minion are there,
 * they do not count, so that no kill between the two steps, to add and to remove, makes an item
 * count twice or not at all.
 *
 * @param version how often it was changed
 * @param total how many items were done by the minions before the last one
 * @param minion the minion that was added last
 * @param added how many items that one has done
 */
record Tally(long version, long total, String minion, long added) {
  private static final Pattern FORM =
      Pattern.compile("(\\d{1,18})\\.(\\d{1,18})\\.([\\w-]+)\\.(\\d{1,18})");

  /** How often the file is looked for that is renamed meanwhile. */
  private static final int LOOKS = 100;

  /** Returns the tally of a new queue. */
  static Tally none() {
    return new Tally(0, 0, "none", 0);
  }

  /** Returns how many items were done by all of these minions. */
  long done() {
    return total + added;
  }

  static Tally read(Folder folder) throws IOException {
    for (int i = 0; i < LOOKS; i++) {
      Tally newest = null;
      for (String name : folder.disk().list(folder.done())) {
        Tally tally = parse(name);
        if (tally != null && (newest == null || tally.version > newest.version)) {
          newest = tally;
        }
      }
      if (newest != null) {
        return newest;
      }
    }
    throw new NoSuchFileException(
        folder.done().toString(), null, "the file with the number of items that are done is gone");
  }

  private static @Nullable Tally parse(String name) {
    Matcher matcher = FORM.matcher(name);
    return matcher.matches()
        ? new Tally(
            Long.parseLong(matcher.group(1)),
            Long.parseLong(matcher.group(2)),
            matcher.group(3),
            Long.parseLong(matcher.group(4)))
        : null;
  }

  /**
   * Adds another minion; no file of the last one is there any more.
   *
   * @return whether nobody has changed the tally meanwhile
   */
  boolean add(Folder folder, String next, long done) throws IOException {
    try {
      folder.disk().rename(file(folder), new Tally(version + 1, done(), next, done).file(folder));
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  Path file(Folder folder) {
    return folder.done().resolve(toString());
  }

  @Override
  public String toString() {
    return version + "." + total + "." + minion + "." + added;
  }
}

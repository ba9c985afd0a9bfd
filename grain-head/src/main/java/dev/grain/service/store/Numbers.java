package dev.grain.service.store;

import java.security.SecureRandom;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jdbi.v3.core.Handle;

/**
 * Numbers and ids of new jobs and maps. No number and no id comes twice, even if the clock goes
 * back: then ids go on with the latest day that there was.
 *
 * @param first the first of the numbers
 * @param ids those that were made, such as {@code 26-11-28-3-abc}
 */
record Numbers(long first, List<String> ids) {
  private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yy-MM-dd", Locale.ROOT);
  private static final Pattern MADE = Pattern.compile("\\d\\d-\\d\\d-\\d\\d-\\d+-[a-z]{3}");
  private static final RandomGenerator RANDOM = new SecureRandom();

  /** Takes numbers, and makes ids for some of what they are for. */
  static Numbers take(Handle handle, int count, int ids, By by) {
    String today = DAY.format(by.moment().atZone(ZoneId.systemDefault()));
    return handle
        .createQuery(
            "UPDATE head SET last_number = last_number + :count, ids = CASE WHEN day < :today THEN 0 ELSE ids END + :ids, day = CASE WHEN day < :today THEN :today ELSE day END RETURNING last_number, ids, day")
        .bind("count", count)
        .bind("ids", ids)
        .bind("today", today)
        .map((row, _) ->
            new Numbers(row.getLong(1) - count + 1, ids(row.getString(3), row.getLong(2), ids)))
        .one();
  }

  private static List<String> ids(String day, long last, int count) {
    List<String> made = new ArrayList<>(count);
    for (long each = last - count + 1; each <= last; each++) {
      made.add(day + "-" + each + "-" + letter() + letter() + letter());
    }
    return made;
  }

  private static char letter() {
    return (char) ('a' + RANDOM.nextInt(26));
  }

  /**
   * Ensures that an own id can be none that is made later, and none of a task.
   *
   * @throws IllegalArgumentException if it can
   */
  static void ensureOwn(String id) {
    if (id.isEmpty() || id.indexOf(StoredJobs.TASK) >= 0 || MADE.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "The id \"%s\" cannot be chosen: ids such as 26-11-28-3-abc and those with a colon are made by the head. Choose another, such as a name and a date, or leave it out."
              .formatted(id));
    }
  }

  /** Writes numbers as text, the ranges among them in short. */
  static String write(List<Long> numbers) {
    StringJoiner text = new StringJoiner(",");
    for (int from = 0; from < numbers.size(); ) {
      int to = from + 1;
      while (to < numbers.size() && numbers.get(to) == numbers.get(to - 1) + 1) {
        to++;
      }
      long last = numbers.get(to - 1);
      text.add(to - from == 1 ? String.valueOf(last) : numbers.get(from) + "-" + last);
      from = to;
    }
    return text.toString();
  }

  /** Reads what was written. */
  static List<Long> read(String text) {
    List<Long> numbers = new ArrayList<>();
    for (String each : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      int dash = each.indexOf('-');
      long first = Long.parseLong(dash < 0 ? each : each.substring(0, dash));
      long last = dash < 0 ? first : Long.parseLong(each.substring(dash + 1));
      for (long number = first; number <= last; number++) {
        numbers.add(number);
      }
    }
    return numbers;
  }
}

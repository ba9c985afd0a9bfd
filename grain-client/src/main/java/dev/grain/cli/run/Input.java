package dev.grain.cli.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one job is given.
 *
 * @param number the number of the job, counted from 1
 * @param values one for each source, or for each column of a line
 * @param text what people read, and what stands for all of it
 * @param problem why no job can be made of it, as the end of a sentence; null if one can
 */
record Input(long number, List<String> values, String text, @Nullable String problem) {
  Input {
    values = List.copyOf(values);
  }
}

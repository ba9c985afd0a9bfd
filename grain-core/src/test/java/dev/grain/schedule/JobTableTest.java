package dev.grain.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table against a map. */
final class JobTableTest {
  @ParameterizedTest
  @CsvSource({"1, 30", "2, 30", "3, 500", "4, 500", "5, 20000"})
  void find_anyChanges_findsWhatAMapFinds(long seed, int numbers) {
    SplittableRandom random = new SplittableRandom(seed);
    JobTable table = new JobTable();
    Map<Long, ScheduledJob> model = new TreeMap<>();
    for (int i = 0; i < 20_000; i++) {
      // far apart as well as near: of both kinds, some share a place in the table
      long number = random.nextInt(numbers) * (random.nextInt(4) == 0 ? 1L << 20 : 1);
      ScheduledJob known = model.get(number);
      assertThat(table.find(number)).isSameAs(known);
      if (known == null) {
        ScheduledJob job = new SchedulerHarness.TestJob(number, Retries.NONE);
        table.add(job);
        model.put(number, job);
      } else {
        table.remove(known);
        model.remove(number);
      }
      assertThat(table.size()).isEqualTo(model.size());
    }
    model.forEach((number, job) -> assertThat(table.find(number)).isSameAs(job));
  }
}

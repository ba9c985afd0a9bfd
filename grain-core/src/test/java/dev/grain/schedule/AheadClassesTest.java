package dev.grain.schedule;

import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.memory;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.resource.internal.Demand;
import dev.grain.resource.internal.Lease;
import dev.grain.resource.internal.Slots;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The answer about the jobs that wait, checked against a look at each of them. */
final class AheadClassesTest {
  private static final int COUNTED = 16;

  private final KindDimensions dimensions = new KindDimensions();

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 5", "3, 16", "4, 17", "5, 60"})
  void noneFits_anyChanges_isWhatALookAtEachFinds(long seed, int requests) {
    SplittableRandom random = new SplittableRandom(seed);
    List<RequestClass> known =
        IntStream.range(0, requests).mapToObj(_ -> requestClass(random)).toList();
    AheadClasses ahead = new AheadClasses();
    List<RequestClass> model = new ArrayList<>();
    Slots slots = new Slots(SchedulerHarness.offer(cpu(4).and(memory("8GiB"))));
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      change(ahead, model, known, random);
      occupy(slots, leases, known, random);
      boolean fits = model.stream().anyMatch(each -> slots.fits(each.demand(), each.alone()));
      if (requests <= COUNTED || model.isEmpty()) {
        assertThat(ahead.noneFits(slots)).isEqualTo(!fits);
      } else {
        assertThat(ahead.noneFits(slots) && fits).isFalse();
      }
    }
  }

  private static void change(
      AheadClasses ahead,
      List<RequestClass> model,
      List<RequestClass> known,
      SplittableRandom random) {
    boolean grows = random.nextInt(40) >= model.size();
    if (grows) {
      RequestClass added = known.get(random.nextInt(known.size()));
      ahead.add(added);
      model.add(added);
    } else {
      // now and then all of them leave
      for (int left = random.nextInt(20) == 0 ? model.size() : 1; left > 0; left--) {
        ahead.remove(model.remove(random.nextInt(model.size())));
      }
    }
  }

  private static void occupy(
      Slots slots, List<Lease> leases, List<RequestClass> known, SplittableRandom random) {
    RequestClass wanted = known.get(random.nextInt(known.size()));
    Lease lease = slots.take(wanted.demand(), wanted.alone());
    if (lease != null) {
      leases.add(lease);
    } else if (!leases.isEmpty() && random.nextInt(4) == 0) {
      leases.remove(random.nextInt(leases.size())).close();
    }
  }

  private RequestClass requestClass(SplittableRandom random) {
    Demand demand =
        Demand.of(cpu((1 + random.nextInt(30)) / 10.0).and(memory((1L + random.nextInt(6)) << 30)));
    boolean alone = random.nextInt(8) == 0;
    Line line = new Line.Level(100 + random.nextInt(3), 0);
    RequestClass.Key key = new RequestClass.Key(demand, alone, 0, line, null);
    long[] wanted = dimensions.wanted(key);
    return new RequestClass(key, 0, wanted, IndexQuery.negated(wanted));
  }
}

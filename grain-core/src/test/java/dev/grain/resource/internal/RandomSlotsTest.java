package dev.grain.resource.internal;

import static dev.grain.resource.Resources.capacity;
import static dev.grain.resource.Resources.cpu;
import static dev.grain.resource.Resources.custom;
import static dev.grain.resource.Resources.gpu;
import static dev.grain.resource.Resources.memory;
import static dev.grain.resource.Resources.none;
import static dev.grain.resource.Resources.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.grain.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random takes and closes, compared with a model that keeps an array of rests and searches it. */
class RandomSlotsTest {
  private static final int STEPS = 3_000;
  private static final int CORES = 70;
  private static final int GPUS = 3;

  private static final Offer OFFER =
      Offer.EMPTY
          .withCores(IntStream.range(0, CORES).toArray())
          .withGpus(List.of("0", "1", "2"))
          .withMemory(1_000)
          .withCapacity(50)
          .withHeadPlaces(3)
          .withCustom("SENSOR", 50_000)
          .withToken("licence");

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void take_randomly_agreesWithTheModel(long seed) {
    Random random = new Random(seed);
    Slots slots = new Slots(OFFER);
    // a copy that gets only the taken fractions, and has its whole ids elsewhere
    Slots copy = new Slots(OFFER);
    Model model = new Model();
    List<Lease> held = new ArrayList<>();
    List<Lease> copies = new ArrayList<>();
    int taken = 0;
    for (int step = 0; step < STEPS; step++) {
      if (random.nextInt(100) < 45 && !held.isEmpty()) {
        int which = random.nextInt(held.size());
        Lease lease = held.remove(which);
        model.release(lease);
        lease.close();
        copies.remove(which).close();
      } else {
        Demand demand = Demand.of(request(random));
        boolean alone = random.nextInt(100) == 0;
        assertThat(slots.fits(demand, alone)).isEqualTo(model.fits(demand, alone));
        Lease lease = slots.take(demand, alone);
        assertThat(lease != null).isEqualTo(model.fits(demand, alone));
        if (lease != null) {
          taken++;
          model.take(lease, alone);
          held.add(lease);
          copies.add(takeElsewhere(copy, demand, alone, lease.fractions(), random));
        }
      }
      slots.checkInvariants();
      copy.checkInvariants();
      assertSameRoom(slots, model, copy);
    }
    assertThat(taken).isGreaterThan(STEPS / 10);
    held.forEach(Lease::close);
    copies.forEach(Lease::close);
    slots.checkInvariants();
    copy.checkInvariants();
    assertThat(slots.idle()).isTrue();
    assertThat(slots.free(Kind.CPU)).isEqualTo(slots.total(Kind.CPU));
  }

  /** Takes it while another core is held, if there is room, so that other whole ids are taken. */
  private static Lease takeElsewhere(
      Slots copy, Demand demand, boolean alone, Fractions fractions, Random random) {
    Lease other = alone || random.nextBoolean() ? null : copy.take(Demand.of(cpu(1)), false);
    if (other != null && !copy.fitsAt(demand, false, fractions)) {
      other.close();
      other = null;
    }
    Lease lease = copy.takeAt(demand, alone, fractions);
    if (other != null) {
      other.close();
    }
    return lease;
  }

  private static void assertSameRoom(Slots slots, Model model, Slots copy) {
    for (Kind kind :
        List.of(
            Kind.CPU,
            Kind.GPU,
            Kind.MEMORY,
            Kind.CAPACITY,
            Kind.HEAD,
            Kind.custom("SENSOR"),
            Kind.token("licence"))) {
      assertThat(slots.free(kind)).isEqualTo(copy.free(kind));
    }
    assertThat(slots.free(Kind.CPU)).isEqualTo(IntStream.of(model.cores).sum());
    assertThat(slots.free(Kind.GPU)).isEqualTo(IntStream.of(model.gpus).sum());
    assertThat(slots.free(Kind.MEMORY)).isEqualTo(model.memory);
  }

  private static Resource request(Random random) {
    Resource request = none();
    if (random.nextInt(3) > 0) {
      request = request.and(cpu(amount(random, random.nextInt(10) == 0 ? CORES : 4)));
    }
    if (random.nextInt(4) == 0) {
      request = request.and(gpu(amount(random, GPUS)));
    }
    if (random.nextBoolean()) {
      request = request.and(memory(1 + random.nextInt(200)));
    }
    if (random.nextInt(5) == 0) {
      request = request.and(custom("SENSOR", amount(random, 2)));
    }
    if (random.nextInt(5) == 0) {
      request = request.and(capacity(1 + random.nextInt(10)));
    }
    return random.nextInt(5) == 0 ? request.and(token("licence")) : request;
  }

  private static double amount(Random random, int max) {
    int tenths = random.nextBoolean() ? random.nextInt(10) : 0;
    int wholes = random.nextInt(max);
    return wholes + tenths == 0 ? 1 : (10 * wholes + tenths) / 10.0;
  }

  /** The same rules in the plainest form. */
  private static final class Model {
    final int[] cores = IntStream.generate(() -> Kind.WHOLE).limit(CORES).toArray();
    final int[] gpus = IntStream.generate(() -> Kind.WHOLE).limit(GPUS).toArray();
    long memory = 1_000;
    long capacity = 50;
    long head = 3;
    long sensor = 50_000;
    int held;
    boolean alone;

    boolean fits(Demand demand, boolean wantsAlone) {
      return !alone
          && (!wantsAlone || held == 0)
          && choose(cores, demand.cpu) != null
          && choose(gpus, demand.gpu) != null
          && demand.memory <= memory
          && demand.capacity <= capacity
          && demand.head <= head
          && demand.amount(Kind.custom("SENSOR")) <= sensor;
    }

    /** Returns what would be taken of each index, or null if it does not fit. */
    private static int @Nullable [] choose(int[] rests, long units) {
      int[] taken = new int[rests.length];
      long left = units;
      for (int i = 0; i < rests.length && left >= Kind.WHOLE; i++) {
        if (rests[i] == Kind.WHOLE) {
          taken[i] = Kind.WHOLE;
          left -= Kind.WHOLE;
        }
      }
      if (left >= Kind.WHOLE) {
        return null;
      }
      int best = -1;
      for (int i = 0; i < rests.length && left > 0; i++) {
        boolean enough = taken[i] == 0 && rests[i] >= left;
        if (enough && (best < 0 || rests[i] < rests[best])) {
          best = i;
        }
      }
      if (left > 0 && best < 0) {
        return null;
      }
      if (left > 0) {
        taken[best] = (int) left;
      }
      return taken;
    }

    void take(Lease lease, boolean takenAlone) {
      Demand demand = lease.demand();
      int[] chosen = Objects.requireNonNull(choose(cores, demand.cpu));
      int[] chosenGpus = Objects.requireNonNull(choose(gpus, demand.gpu));
      assertThat(lease.cores())
          .isEqualTo(IntStream.range(0, CORES).filter(i -> chosen[i] > 0).boxed().toList());
      assertThat(lease.gpus())
          .isEqualTo(
              IntStream.range(0, GPUS)
                  .filter(i -> chosenGpus[i] > 0)
                  .mapToObj(Integer::toString)
                  .toList());
      add(lease, -1);
      held++;
      alone = takenAlone;
    }

    void release(Lease lease) {
      add(lease, 1);
      held--;
      alone = false;
    }

    private void add(Lease lease, int sign) {
      Demand demand = lease.demand();
      for (int core : lease.cores()) {
        boolean shared = core == lease.fractions().core();
        cores[core] += sign * (shared ? (int) (demand.cpu % Kind.WHOLE) : Kind.WHOLE);
      }
      for (String id : lease.gpus()) {
        int gpu = Integer.parseInt(id);
        boolean shared = gpu == lease.fractions().gpu();
        gpus[gpu] += sign * (shared ? (int) (demand.gpu % Kind.WHOLE) : Kind.WHOLE);
      }
      memory += sign * demand.memory;
      capacity += sign * demand.capacity;
      head += sign * demand.head;
      sensor += sign * demand.amount(Kind.custom("SENSOR"));
    }
  }
}

package dev.grain.service.event;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.service.store.By;
import dev.grain.service.store.Database;
import dev.grain.service.store.JobState;
import dev.grain.service.store.Jobs;
import dev.grain.service.store.NewJob;
import dev.grain.service.store.Store;
import dev.grain.service.store.Submission;
import dev.grain.service.store.Submissions;
import dev.grain.service.store.Submitted;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What listeners are told, and what becomes of those that do not listen. */
final class JobEventsTest {
  private static final By ADA = new By("ada", Instant.parse("2026-11-28T12:00:00Z"));
  private static final Duration LONG = Duration.ofMinutes(5);

  /** How many changes are kept. */
  private static final int KEPT = 1200;

  @TempDir private Path folder;
  private Store store;
  private JobEvents events;

  @BeforeEach
  void open() {
    store = Store.open(new Database.Embedded(folder));
    events = new JobEvents(store, KEPT);
  }

  @AfterEach
  void close() {
    events.close();
    store.close();
  }

  private List<Long> submit(String name, int count) {
    List<NewJob> jobs =
        IntStream.range(0, count)
            .mapToObj(
                _ -> new NewJob(Optional.empty(), name, "{}", 100, Map.of(), List.of(), false))
            .toList();
    return store
        .write(handle ->
            new Submissions(handle).submit(new Submission("ada", Optional.empty(), jobs), ADA))
        .join()
        .stream()
        .map(Submitted::number)
        .toList();
  }

  private Listener listen(Optional<String> after) {
    return events.listen("ada", _ -> true, after);
  }

  /** Takes what a listener is told, until it knows of a change of a job. */
  private static List<String> takeUntil(Listener listener, long job) throws InterruptedException {
    List<String> taken = new ArrayList<>();
    while (true) {
      switch (listener.take(LONG)) {
        case Listener.Changed(List<Listener.Changed.One> some) -> {
          for (Listener.Changed.One each : some) {
            long number = each.event().labelled().job().number();
            taken.add(number + " " + each.event().labelled().job().state());
            if (number == job) {
              return taken;
            }
          }
        }
        case Listener.Missed _ -> taken.add("missed");
        case Listener.Nothing _ -> taken.add("nothing");
        case Listener.Over _ -> {
          taken.add("over");
          return taken;
        }
      }
    }
  }

  private static List<String> queued(List<Long> jobs) {
    return jobs.stream().map(each -> each + " QUEUED").toList();
  }

  @Test
  void listener_isToldWhatChanges_fromThenOn() throws Exception {
    var _ = submit("before", 1);
    try (Listener listener = listen(Optional.empty())) {
      List<Long> jobs = submit("x", 3);
      assertThat(takeUntil(listener, jobs.getLast())).isEqualTo(queued(jobs));
      store.write(handle -> new Jobs(handle).hold(jobs.get(1), ADA)).join();
      assertThat(takeUntil(listener, jobs.get(1))).containsExactly(jobs.get(1) + " HELD");
    }
    assertThat(events.listeners()).isZero();
  }

  @Test
  void listener_isToldOnlyWhatItWants_andKnowsThatItMissedNothing() throws Exception {
    try (Listener listener =
        events.listen("ada", each -> each.job().name().equals("wanted"), Optional.empty())) {
      String start = listener.id();
      var _ = submit("other", 5);
      long wanted = submit("wanted", 1).getFirst();
      assertThat(takeUntil(listener, wanted)).containsExactly(wanted + " QUEUED");
      try (Listener all = listen(Optional.empty())) {
        // is told after the other
        var _ = takeUntil(all, submit("other", 1).getFirst());
      }
      // it has been told of nothing, but it goes on after all of them
      assertThat(listener.take(Duration.ZERO)).isInstanceOf(Listener.Nothing.class);
      assertThat(listener.id()).isNotEqualTo(start);
    }
  }

  @Test
  void listener_thatComesBack_isToldWhatItMissed_inOrder() throws Exception {
    String left;
    try (Listener listener = listen(Optional.empty())) {
      long job = submit("known", 1).getFirst();
      var _ = takeUntil(listener, job);
      left = listener.id();
    }
    List<Long> jobs = submit("missed", 4);
    store.write(handle -> new Jobs(handle).hold(jobs.getFirst(), ADA)).join();
    try (Listener listener = listen(Optional.of(left))) {
      long next = submit("next", 1).getFirst();
      List<String> expected = new ArrayList<>(queued(jobs.subList(1, 4)));
      // once, where it changed last
      expected.add(jobs.getFirst() + " HELD");
      expected.add(next + " QUEUED");
      assertThat(takeUntil(listener, next)).isEqualTo(expected);
    }
  }

  @Test
  void listener_thatComesBackTooLate_orFromAnotherLife_isToldSo() throws Exception {
    String left;
    try (Listener listener = listen(Optional.empty())) {
      left = listener.id();
    }
    var _ = submit("many", KEPT);
    try (Listener listener = listen(Optional.of(left))) {
      // there are that many, but no listener is given more than 1000
      long next = submit("next", 1).getFirst();
      assertThat(takeUntil(listener, next)).startsWith("missed").endsWith(next + " QUEUED");
    }
    var _ = submit("one more", 1);
    for (String id : List.of(left, "0123456789abcdef-1", "nonsense", "-", "-5", left + "0")) {
      try (Listener listener = listen(Optional.of(id))) {
        long next = submit("next", 1).getFirst();
        assertThat(takeUntil(listener, next)).as(id).containsExactly("missed", next + " QUEUED");
      }
    }
    events.close();
    events = new JobEvents(store, KEPT);
    try (Listener listener = listen(Optional.of(left))) {
      assertThat(listener.take(LONG)).isInstanceOf(Listener.Missed.class);
    }
  }

  @Test
  void listener_thatDoesNotTake_missesWhatIsTooMuch_andNobodyElseDoes() throws Exception {
    try (Listener slow = listen(Optional.empty());
        Listener quick = listen(Optional.empty())) {
      List<Long> jobs = new ArrayList<>();
      for (int i = 0; i < 15; i++) {
        List<Long> some = submit("x", 100);
        jobs.addAll(some);
        assertThat(takeUntil(quick, some.getLast())).isEqualTo(queued(some));
      }
      long last = submit("last", 1).getFirst();
      var _ = takeUntil(quick, last);
      List<String> taken = takeUntil(slow, last);
      assertThat(taken.getFirst()).isEqualTo("missed");
      // the latest ones, all of them
      List<String> all = new ArrayList<>(queued(jobs));
      all.add(last + " QUEUED");
      assertThat(taken.subList(1, taken.size()))
          .hasSizeLessThanOrEqualTo(Listener.MOST)
          .isEqualTo(all.subList(all.size() - taken.size() + 1, all.size()));
    }
  }

  @Test
  void listener_thatWasToldThatItMissedSomething_goesOnThere() throws Exception {
    String id;
    try (Listener listener = listen(Optional.of("of another life-1"))) {
      List<Long> jobs = submit("x", 2);
      Listener.Told told = listener.take(LONG);
      assertThat(told).isInstanceOf(Listener.Missed.class);
      id = ((Listener.Missed) told).id();
      assertThat(takeUntil(listener, jobs.getLast())).isEqualTo(queued(jobs));
      try (Listener again = listen(Optional.of(id))) {
        assertThat(takeUntil(again, jobs.getLast())).isEqualTo(queued(jobs));
      }
    }
  }

  @Test
  void event_isWrittenOnce_forAllListeners() throws Exception {
    try (Listener one = listen(Optional.empty());
        Listener other = listen(Optional.empty())) {
      var _ = submit("x", 1);
      List<byte[]> texts = new ArrayList<>();
      for (Listener each : List.of(one, other)) {
        Listener.Told told = each.take(LONG);
        assertThat(told).isInstanceOf(Listener.Changed.class);
        texts.add(
            ((Listener.Changed) told)
                .events()
                .getFirst()
                .event()
                .text(job -> job.name().getBytes(UTF_8)));
      }
      assertThat(texts.getFirst()).isEqualTo("x".getBytes(UTF_8)).isSameAs(texts.getLast());
    }
  }

  @Test
  void listen_byTooMany_isRefused_untilOneLeaves() {
    List<Listener> open = new ArrayList<>();
    for (int i = 0; i < JobEvents.MOST_OF_USER; i++) {
      open.add(listen(Optional.empty()));
    }
    assertThatThrownBy(() -> listen(Optional.empty()))
        .isInstanceOfSatisfying(
            TooManyListenersException.class, e -> assertThat(e.isOfUser()).isTrue())
        .hasMessageContaining("ada has 20 listeners");
    for (int i = open.size(); i < JobEvents.MOST; i++) {
      open.add(events.listen("user" + i, _ -> true, Optional.empty()));
    }
    assertThatThrownBy(() -> events.listen("bob", _ -> true, Optional.empty()))
        .isInstanceOfSatisfying(
            TooManyListenersException.class, e -> assertThat(e.isOfUser()).isFalse());
    open.removeFirst().close();
    listen(Optional.empty()).close();
  }

  @Test
  void close_tellsListeners() throws Exception {
    try (Listener listener = listen(Optional.empty())) {
      events.close();
      assertThat(listener.take(LONG)).isInstanceOf(Listener.Over.class);
    }
    try (Listener late = listen(Optional.empty())) {
      assertThat(late.take(LONG)).isInstanceOf(Listener.Over.class);
    }
  }

  @Test
  void change_thatIsRolledBack_isNotTold() throws Exception {
    long job = submit("x", 1).getFirst();
    try (Listener listener = listen(Optional.empty())) {
      var failed =
          store.<JobState>write(handle -> {
            new Jobs(handle).hold(job, ADA);
            throw new IllegalStateException("rolled back");
          });
      assertThatThrownBy(failed::join).hasMessageContaining("rolled back");
      long next = submit("next", 1).getFirst();
      assertThat(takeUntil(listener, next)).containsExactly(next + " QUEUED");
    }
  }
}

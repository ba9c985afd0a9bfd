package dev.grain.service.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.Cause;
import dev.grain.service.store.Maps.Added;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Maps, whose tasks are added while they run. */
final class MapsTest extends OnEachDatabase {
  private static NewMap map(Optional<String> id) {
    return new NewMap(
        "ada",
        id,
        Optional.empty(),
        "energy",
        "{\"function\": \"energy\"}",
        7,
        Map.of("kind", "sweep"),
        List.of("a".repeat(64)),
        false);
  }

  private Submitted submit(NewMap map) {
    return write(handle -> new Maps(handle).submit(map, ADA));
  }

  private long submitOne() {
    return submit(map(Optional.of("m"))).number();
  }

  private List<Added> add(long map, boolean last, long... indexes) {
    List<NewTask> tasks =
        LongStream.of(indexes)
            .mapToObj(index -> new NewTask(index, "[" + index + "]", List.of("b".repeat(64))))
            .toList();
    return write(handle -> new Maps(handle).add(map, tasks, last, ADA));
  }

  private StoredMap stored(long number) {
    return read(handle -> new Maps(handle).get(number).orElseThrow());
  }

  private static StoredAttempt failed(Cause cause, Instant moment) {
    return ended(1, NOW, StoredAttempt.End.failed(moment, cause, "", Usage.UNKNOWN));
  }

  @Test
  void submit_storesTheFirst_evenAfterItsEnd() {
    Submitted made = submit(map(Optional.empty()));
    assertThat(made.id()).matches("26-11-2\\d-1-[a-z]{3}");
    Submitted own = submit(map(Optional.of("m")));
    assertThat(own).isEqualTo(new Submitted(2, "m", JobState.QUEUED, true));
    add(own.number(), true);
    assertThat(submit(map(Optional.of("m"))))
        .isEqualTo(new Submitted(2, "m", JobState.SUCCEEDED, false));
    openAgain();
    assertThatObject(read(handle -> new Maps(handle).spec(2)))
        .isEqualTo("{\"function\": \"energy\"}");
    assertThatObject(read(handle -> new Maps(handle).labels(2))).isEqualTo(Map.of("kind", "sweep"));
    assertThat(stored(2).priority()).isEqualTo(7);
  }

  @Test
  void submit_withAKeyThatIsThere_makesNothing() {
    RequestKey key = new RequestKey("k", "digest");
    NewMap keyed =
        new NewMap(
            "ada", Optional.empty(), Optional.of(key), "n", "{}", 1, Map.of(), List.of(), true);
    Submitted first = submit(keyed);
    assertThat(first.state()).isEqualTo(JobState.HELD);
    assertThat(submit(keyed).id()).isEqualTo(first.id());
    NewMap other =
        new NewMap(
            "ada",
            Optional.empty(),
            Optional.of(new RequestKey("k", "other")),
            "n",
            "{}",
            1,
            Map.of(),
            List.of(),
            true);
    assertThatThrownBy(() -> submit(other)).hasMessageContaining("with another body");
  }

  @Test
  void ids_areThoseOfOneJobOrMap() {
    submitOne();
    assertThatThrownBy(() -> submit(ADA, own("m"))).hasMessageContaining("is that of a map");
    submit(ADA, own("j"));
    assertThatThrownBy(() -> submit(map(Optional.of("j"))))
        .hasMessageContaining("is that of a job");
    NewMap ofBob =
        new NewMap(
            "bob", Optional.of("m"), Optional.empty(), "n", "{}", 1, Map.of(), List.of(), true);
    assertThatThrownBy(() -> submit(ofBob)).hasMessageContaining("a map of another user");
  }

  @Test
  void add_makesJobs_ofWhichTheFirstOfAnIndexWins() {
    long map = submitOne();
    assertThat(add(map, false, 5, 3, 5))
        .containsExactly(new Added(5, map + 1), new Added(3, map + 2));
    assertThat(add(map, false, 3, 4)).containsExactly(new Added(4, map + 3));
    StoredJob task = get(map + 2).orElseThrow();
    assertThat(task.id()).isEqualTo("m:3");
    assertThat(task.name()).isEqualTo("energy");
    assertThat(task.priority()).isEqualTo(7);
    assertThat(task.map()).isEqualTo(OptionalLong.of(map));
    assertThatObject(read(handle -> new Jobs(handle).spec(map + 2))).isEqualTo("[3]");
    assertThat(stored(map).tasks()).isEqualTo(3);
  }

  @Test
  void add_afterTheLast_isRefused_unlessTheyAreThere() {
    long map = submitOne();
    add(map, true, 1, 2);
    assertThat(add(map, true, 1, 2)).isEmpty();
    assertThatThrownBy(() -> add(map, false, 2, 3))
        .hasCauseInstanceOf(ConflictException.class)
        .hasMessageContaining("The map m takes no more tasks: its last tasks have been added.")
        .cause()
        .extracting("kind")
        .isEqualTo(ConflictException.Kind.CLOSED);
    assertThat(stored(map).tasks()).isEqualTo(2);
  }

  @Test
  void add_toAMapThatIsCancelled_isRefused() {
    long map = submitOne();
    add(map, false, 1);
    write(handle -> new Maps(handle).cancel(map, ADA));
    assertThatThrownBy(() -> add(map, false, 2)).hasMessageContaining("it was cancelled");
    assertThatThrownBy(() -> add(99, false, 2)).hasMessageContaining("no map with the number 99");
  }

  @Test
  void add_ofMoreThanTheLimit_addsNone() {
    long map = submitOne();
    write(handle -> handle.execute("UPDATE maps SET tasks = ?", Maps.MOST_TASKS - 1));
    assertThatThrownBy(() -> add(map, false, 1, 2))
        .hasMessageContaining("would have more than 1000000")
        .cause()
        .extracting("kind")
        .isEqualTo(ConflictException.Kind.TOO_MANY);
    assertThat(get(map + 1)).isEmpty();
    assertThat(add(map, false, 1)).hasSize(1);
  }

  @Test
  void map_ends_withTheLastOfItsTasks() {
    long map = submitOne();
    add(map, false, 1, 2, 3);
    end(map + 1, succeeded(1, NOW));
    end(map + 1, succeeded(1, NOW));
    end(map + 2, failed(Cause.FAILED, NOW));
    add(map, true);
    assertThat(stored(map).ended()).isEmpty();
    end(map + 3, succeeded(1, NOW.plusSeconds(8)));
    StoredMap ended = stored(map);
    assertThat(ended.state()).isEqualTo(JobState.FAILED);
    assertThat(ended.ended()).contains(NOW.plusSeconds(9));
    assertThat(ended.succeeded()).isEqualTo(2);
    assertThat(ended.failed()).isEqualTo(1);
    assertThat(ended.cancelled()).isZero();
    assertThat(ended.complete()).isTrue();
    assertThatObject(read(OnEachDatabase::kept)).isEqualTo(read(OnEachDatabase::counted));
  }

  @Test
  void cancelledMap_ends_withTheLastOfItsTasks_thoughMoreMightHaveCome() {
    long map = submitOne();
    add(map, false, 1, 2);
    end(map + 1, succeeded(1, NOW));
    assertThatObject(write(handle -> new Maps(handle).hold(map, ADA))).isEqualTo(JobState.HELD);
    assertThatObject(write(handle -> new Maps(handle).resume(map, ADA))).isEqualTo(JobState.QUEUED);
    assertThatObject(write(handle -> new Maps(handle).cancel(map, ADA)))
        .isEqualTo(JobState.STOPPING);
    assertThatObject(write(handle -> new Maps(handle).resume(map, ADA)))
        .isEqualTo(JobState.STOPPING);
    end(map + 2, failed(Cause.CANCELLED, NOW));
    assertThat(stored(map).state()).isEqualTo(JobState.CANCELLED);
    long empty = submit(map(Optional.of("empty"))).number();
    assertThatObject(write(handle -> new Maps(handle).cancel(empty, ADA)))
        .isEqualTo(JobState.CANCELLED);
  }

  @Test
  void forEachOpen_hasMapsThatHaveNotEnded() {
    long ended = submit(map(Optional.of("ended"))).number();
    add(ended, true);
    long open = submit(map(Optional.of("open"))).number();
    List<Maps.Open> all = new ArrayList<>();
    read(handle -> {
      new Maps(handle).forEachOpen(all::add);
      return true;
    });
    assertThat(all).containsExactly(new Maps.Open(stored(open), "{\"function\": \"energy\"}"));
  }

  @Test
  void listAndFind_haveTheNewestFirst() {
    for (int i = 0; i < 5; i++) {
      By by = new By("ada", NOW.plusSeconds(i));
      NewMap map = map(Optional.of("map-" + i));
      write(handle -> new Maps(handle).submit(map, by));
    }
    List<StoredMap> first =
        read(handle -> new Maps(handle).list(Optional.of("ada"), Position.START, 3));
    assertThat(first).extracting(StoredMap::id).containsExactly("map-4", "map-3", "map-2");
    List<StoredMap> second =
        read(handle -> new Maps(handle).list(Optional.empty(), first.get(2).position(), 3));
    assertThat(second).extracting(StoredMap::id).containsExactly("map-1", "map-0");
    Optional<StoredMap> found = read(handle -> new Maps(handle).find("p-3", Optional.of("ada")));
    assertThat(found).map(StoredMap::id).contains("map-3");
    Optional<StoredMap> none = read(handle -> new Maps(handle).find("map-3", Optional.of("bob")));
    assertThat(none).isEmpty();
  }
}

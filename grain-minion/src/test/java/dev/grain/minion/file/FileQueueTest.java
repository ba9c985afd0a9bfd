package dev.grain.minion.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.minion.QueueAddress;
import dev.grain.minion.QueueEngine;
import dev.grain.minion.QueueEngine.Delivery;
import dev.grain.minion.QueueException;
import dev.grain.minion.QueueSettings;
import dev.grain.minion.QueueStats;
import dev.grain.minion.file.FaultyDisk.Extent;
import dev.grain.minion.file.FaultyDisk.Killed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a queue in a folder does for minions and people, while nobody is killed. */
final class FileQueueTest {
  private static final Duration NOT = Duration.ZERO;

  @TempDir private Path temporary;

  private final FileQueues queues = new FileQueues();

  private QueueAddress address() {
    return QueueAddress.parse("file:" + temporary.resolve("sweeps"));
  }

  private void create(String... items) throws QueueException {
    queues.create(address(), QueueSettings.DEFAULTS);
    fill(items);
  }

  private void fill(String... items) throws QueueException {
    long added =
        queues.fill(
            address(),
            QueueSettings.DEFAULTS,
            Arrays.stream(items).map(item -> item.getBytes(UTF_8)).iterator());
    assertThat(added).isEqualTo(items.length);
  }

  private QueueEngine open() throws QueueException {
    return queues.open(address(), QueueSettings.DEFAULTS);
  }

  private QueueStats stat() throws QueueException {
    return queues.stat(address(), QueueSettings.DEFAULTS);
  }

  private List<String> letters() throws QueueException {
    List<String> letters = new ArrayList<>();
    queues.dead(
        address(),
        QueueSettings.DEFAULTS,
        letter ->
            letters.add(
                new String(letter.value(), UTF_8) + " " + letter.count() + " " + letter.reason()));
    return letters;
  }

  private static Delivery next(QueueEngine queue) throws Exception {
    Delivery delivery = Objects.requireNonNull(queue.next(NOT));
    queue.flush();
    return delivery;
  }

  private static String text(@Nullable Delivery delivery) {
    return delivery == null ? "none" : new String(delivery.value(), UTF_8);
  }

  private static String[] numbers(int count) {
    return IntStream.range(0, count).mapToObj(Integer::toString).toArray(String[]::new);
  }

  // ---------------------------------------------------------------- delivering

  @Test
  void next_deliversEachItemOnce_inOrder() throws Exception {
    create(numbers(10_000));
    List<String> found = new ArrayList<>();
    try (QueueEngine queue = open()) {
      for (Delivery each = queue.next(NOT); each != null; each = queue.next(NOT)) {
        found.add(text(each));
        assertThat(each.count()).isEqualTo(1);
        each.ack();
      }
      assertThat(queue.isDrained()).isTrue();
    }
    assertThat(found).containsExactly(numbers(10_000));
    assertThat(stat())
        .isEqualTo(
            new QueueStats(
                OptionalLong.of(0),
                OptionalLong.of(0),
                OptionalLong.of(10_000),
                OptionalLong.of(0),
                OptionalLong.of(0)));
  }

  @Test
  void next_ofTwoMinions_deliversNoItemToBoth() throws Exception {
    create(numbers(1000));
    List<String> found = new ArrayList<>();
    try (QueueEngine one = open();
        QueueEngine other = open()) {
      boolean more = true;
      while (more) {
        more = false;
        for (QueueEngine queue : List.of(one, other)) {
          Delivery delivery = queue.next(NOT);
          if (delivery != null) {
            more = true;
            found.add(text(delivery));
            delivery.ack();
          }
        }
      }
    }
    assertThat(found).containsExactlyInAnyOrder(numbers(1000));
  }

  @Test
  void values_areAnyBytes() throws Exception {
    byte[] large = new byte[1 << 20];
    Arrays.fill(large, (byte) 7);
    List<byte[]> values =
        List.of(new byte[0], "a\nb\0c \"'".getBytes(UTF_8), large, new byte[] {-1, 0, 1});
    queues.create(address(), QueueSettings.DEFAULTS);
    queues.fill(address(), QueueSettings.DEFAULTS, values.iterator());
    try (QueueEngine queue = open()) {
      for (byte[] value : values) {
        Delivery delivery = next(queue);
        assertThat(delivery.value()).isEqualTo(value);
        delivery.ack();
      }
      assertThat(queue.next(NOT)).isNull();
    }
  }

  @Test
  void fill_whileMinionsWork_addsItems() throws Exception {
    create("a");
    try (QueueEngine queue = open()) {
      next(queue).ack();
      assertThat(queue.isDrained()).isTrue();
      fill("b");
      assertThat(queue.isDrained()).isFalse();
      assertThat(text(next(queue))).isEqualTo("b");
      assertThat(queue.isDrained()).as("one is in flight").isFalse();
    }
  }

  @Test
  void fill_byItemsThatComeSlowly_addsThemMeanwhile() throws Exception {
    create();
    Iterator<byte[]> slow =
        new Iterator<>() {
          private int given;

          @Override
          public boolean hasNext() {
            // the next item comes only when the one before can be had
            while (ready() < given) {
              Thread.onSpinWait();
            }
            return given < 3;
          }

          @Override
          public byte[] next() {
            return Integer.toString(given++).getBytes(UTF_8);
          }
        };
    assertThat(queues.fill(address(), QueueSettings.DEFAULTS, slow)).isEqualTo(3);
    try (QueueEngine queue = open()) {
      for (int i = 0; i < 3; i++) {
        Delivery delivery = next(queue);
        assertThat(text(delivery)).isEqualTo(Integer.toString(i));
        delivery.ack();
      }
    }
  }

  private long ready() {
    try {
      return stat().ready().orElseThrow();
    } catch (QueueException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void fill_whoseItemsCannotBeRead_failsWithThat() throws Exception {
    create();
    Iterator<byte[]> failing =
        Stream.of("0", "1")
            .map(item -> {
              if (item.equals("1")) {
                throw new IllegalArgumentException("it is 1");
              }
              return item.getBytes(UTF_8);
            })
            .iterator();
    assertThatThrownBy(() -> queues.fill(address(), QueueSettings.DEFAULTS, failing))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("it is 1");
  }

  @Test
  void isDrained_whileAnotherMinionHasItems_isFalse() throws Exception {
    create("a");
    try (QueueEngine one = open();
        QueueEngine other = open()) {
      Delivery delivery = next(one);
      assertThat(other.next(NOT)).isNull();
      assertThat(other.isDrained()).isFalse();
      delivery.ack();
      assertThat(other.isDrained()).isTrue();
    }
  }

  // ---------------------------------------------------------------- giving back

  @Test
  void close_givesEverythingBack_atOnce() throws Exception {
    create("a", "b", "c", "d");
    try (QueueEngine one = open()) {
      assertThat(text(next(one))).isEqualTo("a");
      Delivery second = next(one);
      second.nack(Duration.ofHours(1));
    }
    try (QueueEngine other = open()) {
      List<String> found = new ArrayList<>();
      for (Delivery each = other.next(NOT); each != null; each = other.next(NOT)) {
        found.add(text(each) + " " + each.count());
        each.ack();
      }
      assertThat(found).containsExactlyInAnyOrder("a 2", "c 1", "d 1");
      assertThat(other.isDrained()).as("b comes after its delay").isFalse();
    }
  }

  @Test
  void nack_delivers_afterTheDelay_andNotBefore() throws Exception {
    World world = World.of(8);
    FileQueue queue = world.minion().queue();
    for (int i = 0; i < 8; i++) {
      Delivery delivery = next(queue);
      if (i == 7) {
        delivery.nack(Duration.ofSeconds(10));
      } else {
        delivery.ack();
      }
    }
    assertThat(queue.next(NOT)).isNull();
    assertThat(queue.isDrained()).isFalse();
    world.sleep(Duration.ofSeconds(9));
    assertThat(queue.next(NOT)).isNull();
    world.sleep(Duration.ofSeconds(1));
    Delivery again = next(queue);
    assertThat(text(again)).isEqualTo("7");
    assertThat(again.count()).isEqualTo(2);
    again.ack();
    assertThat(queue.isDrained()).isTrue();
  }

  @Test
  void id_staysTheSame() throws Exception {
    World world = World.of(1);
    FileQueue queue = world.minion().queue();
    Delivery first = next(queue);
    first.nack(NOT);
    assertThat(next(queue).id()).isEqualTo(first.id());
  }

  @Test
  void ack_twice_isRefused() throws Exception {
    World world = World.of(1);
    Delivery delivery = next(world.minion().queue());
    delivery.ack();
    assertThatThrownBy(delivery::ack)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The item s0:0 has ended already. Call one of ack(), nack() and dead(), once.");
  }

  @Test
  void extend_ofALongItem_givesBackThoseThatWaitBehindIt() throws Exception {
    World world = World.of(40);
    FileQueue one = world.minion().queue();
    for (int i = 0; i < 10; i++) {
      next(one).ack();
    }
    FileQueue other = world.minion().queue();
    Delivery longItem = next(one);
    world.sleep(World.LEASE.dividedBy(3));
    longItem.extend();
    List<String> found = new ArrayList<>();
    for (Delivery each = other.next(NOT); each != null; each = other.next(NOT)) {
      found.add(text(each));
      each.ack();
    }
    assertThat(found)
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 40)
                .mapToObj(Integer::toString)
                .filter(item -> Integer.parseInt(item) > 10)
                .toList());
    longItem.ack();
    assertThat(other.isDrained()).isTrue();
  }

  @Test
  void stopTaking_givesBackWhatWasClaimedAhead_whileAnItemRuns() throws Exception {
    World world = World.of(40);
    FileQueue one = world.minion().queue();
    for (int i = 0; i < 10; i++) {
      next(one).ack();
    }
    Delivery longItem = next(one);
    assertThat(one.held().values()).anyMatch(claim -> claim.items().size() > 1);
    one.stopTaking();
    FileQueue other = world.minion().queue();
    List<String> found = new ArrayList<>();
    for (Delivery each = other.next(NOT); each != null; each = other.next(NOT)) {
      found.add(text(each));
      assertThat(each.count()).isEqualTo(1);
      each.ack();
    }
    assertThat(found)
        .containsExactlyInAnyOrder(
            Arrays.stream(numbers(40))
                .filter(item -> Integer.parseInt(item) > 10)
                .toArray(String[]::new));
    longItem.ack();
    assertThat(other.isDrained()).isTrue();
  }

  @Test
  void next_whileThereIsNothing_doesNotClaimMoreLater() throws Exception {
    World world = World.of(1);
    FileQueue queue = world.minion().queue();
    next(queue).extend();
    for (int i = 0; i < 12; i++) {
      assertThat(queue.next(NOT)).isNull();
    }
    world.fill("t", 100);
    next(queue).extend();
    assertThat(queue.held().values()).allMatch(claim -> claim.items().size() <= 2);
  }

  @Test
  void release_doesNotCountAsDelivery_butNackDoes() throws Exception {
    World world = World.of(1);
    FileQueue one = world.minion().queue();
    FileQueue other = world.minion().queue();
    for (int i = 0; i < 3; i++) {
      Delivery delivery = next(one);
      assertThat(delivery.count()).isEqualTo(1);
      delivery.release();
      world.sleep(Duration.ofSeconds(1));
      one.tend();
      Delivery again = next(other);
      assertThat(again.count()).isEqualTo(1);
      again.release();
      world.sleep(Duration.ofSeconds(1));
      other.tend();
    }
    next(one).nack(NOT);
    world.sleep(Duration.ofSeconds(1));
    one.tend();
    assertThat(next(other).count()).isEqualTo(2);
  }

  // ---------------------------------------------------------------- leases

  @Test
  void minion_thatExtends_keepsItsItem_asLongAsItTakes() throws Exception {
    World world = World.of(1);
    FileQueue one = world.minion().queue();
    FileQueue other = world.minion().queue();
    Delivery delivery = next(one);
    for (int i = 0; i < 20; i++) {
      world.sleep(World.LEASE.dividedBy(3));
      delivery.extend();
      assertThat(other.next(NOT)).isNull();
    }
    delivery.ack();
    assertThat(other.isDrained()).isTrue();
  }

  @Test
  void minion_thatIsSilent_losesItsItem_andItsLateAckIsIgnored() throws Exception {
    World world = World.of(1);
    FileQueue one = world.minion().queue();
    World.Minion watching = world.minion();
    FileQueue other = watching.queue();
    Delivery delivery = next(one);
    assertThat(other.next(NOT)).isNull();
    watching.watch(World.LEASE);
    Delivery again = next(other);
    assertThat(again.count()).isEqualTo(2);
    assertThat(again.id()).isEqualTo(delivery.id());
    delivery.ack();
    assertThat(one.isDrained()).isFalse();
    again.ack();
    assertThat(one.isDrained()).isTrue();
  }

  @Test
  void minion_thatWasFrozenWithAllOthers_takesNothingFromThem() throws Exception {
    World world = World.of(1);
    FileQueue one = world.minion().queue();
    FileQueue other = world.minion().queue();
    Delivery delivery = next(one);
    for (int i = 0; i < 5; i++) {
      assertThat(other.next(NOT)).isNull();
      // the file server stands still, and serves the other one first
      world.sleep(World.LEASE.multipliedBy(3));
      assertThat(other.next(NOT)).isNull();
      delivery.extend();
    }
    delivery.ack();
    assertThat(other.isDrained()).isTrue();
  }

  @Test
  void minion_whoseItemsAreLong_seesMeanwhileWhoIsDead() throws Exception {
    World world = World.of(2);
    FileQueue dead = world.minion().queue();
    next(dead);
    FileQueue one = world.minion().queue();
    Delivery longItem = next(one);
    for (int i = 0; i < 5; i++) {
      world.sleep(World.LEASE.dividedBy(3));
      longItem.extend();
    }
    longItem.ack();
    assertThat(text(next(one))).isEqualTo("0");
  }

  @Test
  void refresh_whileLogsAreRenamedAllTheTime_readsAll() throws Exception {
    World world = World.of(1);
    int count = 40;
    for (int i = 0; i < count; i++) {
      world.minion();
    }
    Path minions = Path.of("/queue/minions");
    AtomicInteger calls = new AtomicInteger();
    Disk restless =
        new SteppedDisk(
            world.disk,
            () -> {
              int call = calls.incrementAndGet();
              // the last one to be read, each time that some others were
              String minion = "m9.";
              if (call % 7 == 0) {
                String log =
                    world.disk.list(minions).stream()
                        .filter(name -> name.startsWith(minion) && !name.endsWith(".receipts"))
                        .findFirst()
                        .orElseThrow();
                try {
                  world.disk.rename(
                      minions.resolve(log), minions.resolve(minion + "taken.x" + call));
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              }
            });
    Peers peers = new Peers(new Folder(Path.of("/queue"), restless), () -> 0, 1);
    assertThat(peers.refresh()).isTrue();
    assertThat(peers.all()).hasSize(count);
  }

  // ---------------------------------------------------------------- dead letters

  @Test
  void dead_keepsTheItemWithItsReason_untilItIsRequeued() throws Exception {
    create("a", "b", "c");
    try (QueueEngine queue = open()) {
      next(queue).dead("it cannot be read: \"ü\"");
      next(queue).ack();
      next(queue).dead("so");
      assertThat(queue.isDrained()).isTrue();
    }
    assertThat(letters()).containsExactlyInAnyOrder("a 1 it cannot be read: \"ü\"", "c 1 so");
    assertThat(queues.requeue(address(), QueueSettings.DEFAULTS)).isEqualTo(2);
    assertThat(letters()).isEmpty();
    assertThat(queues.requeue(address(), QueueSettings.DEFAULTS)).isZero();
    try (QueueEngine queue = open()) {
      Delivery again = next(queue);
      assertThat(again.count()).isEqualTo(1);
      again.dead("again");
      next(queue).ack();
    }
    assertThat(letters()).containsExactly("a 1 again");
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOTHING", "HALF", "ALL_AND_KILLED"})
  void requeue_killedAtAnyStep_movesAllOrNothing(String name) throws Exception {
    Extent extent = Extent.valueOf(name);
    boolean killed = true;
    for (int step = 0; killed; step++) {
      World world = World.of(3);
      FileQueue queue = world.minion().queue();
      for (int i = 0; i < 3; i++) {
        next(queue).dead("so");
      }
      int at = step;
      FaultyDisk faulty = new FaultyDisk(world.disk, each -> each == at ? extent : Extent.ALL);
      killed = false;
      try {
        new Letters(new Folder(Path.of("/queue"), faulty)).requeue("requeue-1");
      } catch (Killed e) {
        killed = true;
      }
      FileQueue next = world.minion().queue();
      int found = 0;
      for (Delivery each = next.next(NOT); each != null; each = next.next(NOT)) {
        found++;
        each.ack();
      }
      long left = new Letters(new Folder(Path.of("/queue"), world.disk)).count();
      assertThat(found + left).isEqualTo(3);
      assertThat(left).isIn(0L, 3L);
    }
  }

  @Test
  void requeue_removesTheLettersOfMinionsThatAreGone() throws Exception {
    create("a", "b");
    for (int i = 0; i < 3; i++) {
      try (QueueEngine queue = open()) {
        next(queue).dead("so");
        next(queue).dead("so");
      }
      assertThat(queues.requeue(address(), QueueSettings.DEFAULTS)).isEqualTo(2);
      assertThat(files("dead")).isEmpty();
    }
    assertThat(stat().ready()).hasValue(2);
  }

  // ---------------------------------------------------------------- what is not needed any more

  private List<String> files(String folder) throws IOException {
    try (Stream<Path> files = Files.list(temporary.resolve("sweeps").resolve(folder))) {
      return files.map(file -> String.valueOf(file.getFileName())).toList();
    }
  }

  private void takeAll(QueueEngine queue) throws Exception {
    for (Delivery each = queue.next(NOT); each != null; each = queue.next(NOT)) {
      each.ack();
    }
  }

  @Test
  void minions_thatHaveLeft_leaveOnlyTheNumberOfWhatIsDone() throws Exception {
    create(numbers(10_000));
    for (int i = 1; i <= 3; i++) {
      try (QueueEngine one = open();
          QueueEngine other = open()) {
        next(other).ack();
        takeAll(one);
      }
      for (String each : List.of("ready", "spent", "minions", "new")) {
        assertThat(files(each)).as(each).isEmpty();
      }
      assertThat(files("done")).hasSize(1);
      assertThat(stat().done()).hasValue(i * 10_000L);
      // with segments that have names of their own, although none of the former is there
      fill(numbers(10_000));
      assertThat(stat().ready()).hasValue(10_000);
    }
  }

  @Test
  void minion_thatWorksForEver_needsBoundedSpace() throws Exception {
    World world = World.of(10);
    FileQueue queue = world.minion().queue();
    Delivery longItem = next(queue);
    int most = 0;
    for (int i = 0; i < 500; i++) {
      world.fill("t" + i, 3);
      for (Delivery each = queue.next(NOT); each != null; each = queue.next(NOT)) {
        each.ack();
      }
      longItem.extend();
      world.sleep(World.LEASE.dividedBy(8));
      most = Math.max(most, world.disk.files().size());
    }
    assertThat(most).isLessThan(25);
    longItem.ack();
    queue.close();
    assertThat(world.disk.files()).hasSize(1);
    assertThat(Census.of(new Folder(Path.of("/queue"), world.disk)).done()).hasValue(1510);
  }

  @Test
  void flush_afterSeveralItems_writesWhatBecameOfThem() throws Exception {
    World world = World.of(20);
    FileQueue queue = world.minion().queue();
    Path receipts = new Folder(Path.of("/queue"), world.disk).receipts("m1");
    Delivery first = next(queue);
    long before = world.disk.size(receipts);
    first.ack();
    queue.next(NOT);
    assertThat(world.disk.size(receipts)).isEqualTo(before);
    queue.flush();
    assertThat(world.disk.size(receipts)).isEqualTo(before + "a 1 0\nd 1 1\n".length());
  }

  @Test
  void stat_whileAMinionStartsANewLog_countsItsItemsOnce() throws Exception {
    World world = World.of(20, 20, 20);
    FileQueue queue = world.minion().queue();
    Folder folder = new Folder(Path.of("/queue"), world.disk);
    Delivery longItem = next(queue);
    for (int i = 1; i < 60; i++) {
      next(queue).ack();
      queue.flush();
      QueueStats stats = Census.of(folder);
      assertThat(stats.done()).hasValue(i);
      assertThat(stats.inFlight().orElseThrow() + stats.ready().orElseThrow()).isEqualTo(60 - i);
    }
    longItem.ack();
    assertThat(queue.isDrained()).isTrue();
  }

  // ---------------------------------------------------------------- folders

  @Test
  void open_whereNothingIs_saysHowToCreateAQueue() {
    Path folder = temporary.resolve("sweeps");
    assertThatThrownBy(this::open)
        .isInstanceOf(QueueException.class)
        .hasMessage(
            "There is no queue in %s; create it with: grain queue create file:%s --range 0..9",
            folder, folder);
  }

  @Test
  void open_otherFolder_isRefused() throws IOException {
    Path folder = Files.createDirectory(temporary.resolve("sweeps"));
    assertThatThrownBy(this::open)
        .hasMessage(
            "The folder %s is no queue. Name another folder, or create it with: grain queue create"
                + " file:%s --range 0..9",
            folder, folder);
  }

  @Test
  void open_queueOfALaterRelease_isRefused() throws Exception {
    create();
    Files.writeString(temporary.resolve("sweeps/grain-queue"), "grain-queue 2\n");
    assertThatThrownBy(this::open).hasMessageContaining("Use a newer release.");
  }

  @Test
  void open_unknownParameterOrLease_isRefused() throws Exception {
    create();
    for (String each : List.of("?leese=3s", "?lease=3", "?lease=0s")) {
      QueueAddress wrong = QueueAddress.parse(address() + each);
      assertThatThrownBy(() -> queues.open(wrong, QueueSettings.DEFAULTS))
          .as(each)
          .isInstanceOf(QueueException.class)
          .hasMessageContaining("lease");
    }
  }

  @Test
  void create_whereAQueueIs_isRefused() throws Exception {
    create("a");
    assertThatThrownBy(() -> queues.create(address(), QueueSettings.DEFAULTS))
        .hasMessage(
            "There is a queue in %s already. Add items with: grain queue fill %s",
            temporary.resolve("sweeps"), address());
  }

  @Test
  void create_whereOtherFilesAre_isRefused_andTouchesNothing() throws Exception {
    Files.writeString(
        Files.createDirectory(temporary.resolve("sweeps")).resolve("sweeps"), "[0, 1]");
    assertThatThrownBy(() -> queues.create(address(), QueueSettings.DEFAULTS))
        .hasMessage(
            "The folder %s has other files, so no queue can be created in it. Name a new folder.",
            temporary.resolve("sweeps"));
    try (Stream<Path> files = Files.list(temporary.resolve("sweeps"))) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void create_setsTheLeaseOfAllMinions() throws Exception {
    queues.create(QueueAddress.parse(address() + "?lease=2m"), QueueSettings.DEFAULTS);
    fill("a");
    try (QueueEngine queue = open()) {
      assertThat(next(queue).lease()).isEqualTo(Duration.ofMinutes(2));
    }
  }

  @Test
  void purge_removesTheFolder() throws Exception {
    create("a");
    queues.purge(address(), QueueSettings.DEFAULTS);
    assertThat(temporary.resolve("sweeps")).doesNotExist();
  }

  @Test
  void create_manyAtOnce_oneSucceeds() throws Exception {
    int count = 16;
    List<Callable<Boolean>> creations = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      creations.add(() -> {
        try {
          queues.create(address(), QueueSettings.DEFAULTS);
          return true;
        } catch (QueueException e) {
          assertThat(e).hasMessageStartingWith("There is a queue in ");
          return false;
        }
      });
    }
    int created = 0;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<Boolean> each : threads.invokeAll(creations)) {
        created += each.get() ? 1 : 0;
      }
    }
    assertThat(created).isEqualTo(1);
    fill("a");
    assertThat(files("new")).isEmpty();
  }

  @Test
  void purge_thatWasInterrupted_isCompletedByAnother() throws Exception {
    create("a");
    Files.delete(temporary.resolve("sweeps/grain-queue"));
    assertThatThrownBy(() -> queues.create(address(), QueueSettings.DEFAULTS))
        .hasMessage(
            "The folder %1$s has what is left of a queue whose removal was interrupted. Complete that"
                + " with: grain queue purge file:%1$s",
            temporary.resolve("sweeps"));
    queues.purge(address(), QueueSettings.DEFAULTS);
    assertThat(temporary.resolve("sweeps")).doesNotExist();
    assertThatThrownBy(() -> queues.purge(address(), QueueSettings.DEFAULTS))
        .hasMessageStartingWith("There is no queue in ");
  }

  @Test
  void purge_keepsOtherFiles() throws Exception {
    create("a");
    Files.writeString(temporary.resolve("sweeps/README"), "mine");
    queues.purge(address(), QueueSettings.DEFAULTS);
    assertThat(temporary.resolve("sweeps/README")).hasContent("mine");
  }

  @Test
  void purge_whileAMinionWorks_endsIt() throws Exception {
    create("a", "b");
    QueueEngine queue = open();
    next(queue).ack();
    queues.purge(address(), QueueSettings.DEFAULTS);
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 3; i++) {
                queue.next(NOT);
              }
            })
        .isInstanceOf(QueueException.class)
        .hasMessageContaining("does not exist");
    queue.close();
    assertThat(temporary.resolve("sweeps")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 7, 9, 60, 6000})
  void next_segmentThatIsCut_isNamed(int length) throws Exception {
    create(numbers(1000));
    Path segment = temporary.resolve("sweeps/ready").resolve(files("ready").getFirst());
    Files.write(segment, Arrays.copyOf(Files.readAllBytes(segment), length));
    try (QueueEngine queue = open()) {
      assertThatThrownBy(() -> queue.next(NOT))
          .isInstanceOf(QueueException.class)
          .hasMessageContaining("the file " + segment + " is damaged: ")
          .hasMessageEndingWith(
              "Restore it from a copy, or to go on without its items, move it out of that folder.");
    }
    // a file of which a part was lost has zeros
    byte[] zeros = new byte[6000];
    Files.write(segment, zeros);
    try (QueueEngine queue = open()) {
      assertThatThrownBy(() -> queue.next(NOT)).hasMessageContaining(" is damaged: ");
    }
    Files.delete(segment);
    fill("a");
    try (QueueEngine queue = open()) {
      assertThat(text(next(queue))).isEqualTo("a");
    }
  }

  @Test
  void next_segmentWithDamagedLengths_isNamed_andNeedsNoMemory() throws Exception {
    create("a", "b");
    Path segment = temporary.resolve("sweeps/ready").resolve(files("ready").getFirst());
    byte[] bytes = Files.readAllBytes(segment);
    for (int at = 0; at < bytes.length - 2; at++) {
      if (at / 4 == 2 || at / 4 == 3 || at / 4 == 6 || at / 4 == 7) {
        // how often it was delivered, and the delay
        continue;
      }
      byte[] damaged = bytes.clone();
      damaged[at] ^= 0x70;
      Files.write(segment, damaged);
      try (QueueEngine queue = open()) {
        assertThatThrownBy(() -> queue.next(NOT)).as("at %s", at).hasMessageContaining("damaged");
      }
    }
  }

  @Test
  void fill_itemThatIsTooLarge_saysWhatWasAdded() throws Exception {
    create();
    byte[] small = {1};
    byte[] large = new byte[(64 << 20) + 1];
    assertThatThrownBy(
            () -> queues.fill(address(), QueueSettings.DEFAULTS, List.of(small, large).iterator()))
        .hasMessage(
            "The queue in %s cannot be filled: an item has 67108865 bytes, but it can have 67108864;"
                + " put it in a file, and the name of the file in the queue. The first 0 items were"
                + " added.",
            temporary.resolve("sweeps"));
  }

  @Test
  void millionItems_takeFewFiles() throws Exception {
    queues.create(address(), QueueSettings.DEFAULTS);
    long added =
        queues.fill(
            address(),
            QueueSettings.DEFAULTS,
            IntStream.range(0, 1_000_000)
                .mapToObj(i -> Integer.toString(i).getBytes(UTF_8))
                .iterator());
    assertThat(added).isEqualTo(1_000_000);
    try (Stream<Path> files = Files.walk(temporary)) {
      assertThat(files.count()).isLessThan(300);
    }
    assertThat(stat().ready()).hasValue(1_000_000);
  }
}

package dev.grain.minion.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.minion.QueueException;
import dev.grain.minion.file.FaultyDisk.Extent;
import dev.grain.minion.file.FaultyDisk.Killed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fills the disk at every operation on the files of a queue, for some operations: the minion fails,
 * is closed, and may write again while it is.
 */
final class FileQueueFullDiskTest {
  /** So many that the numbers of places have two digits, which may be cut. */
  private static final int[] SIZES = {30};

  @ParameterizedTest
  @CsvSource({"1, 1", "1, 2", "1, 3", "1, 100", "2, 1", "2, 2", "3, 1", "3, 2", "3, 3", "4, 2"})
  void minion_whoseDiskIsFullAtAnyStep_losesNothing(int operations, int cut) throws Exception {
    boolean failed = true;
    for (int step = 0; failed; step++) {
      World world = World.of(SIZES);
      // what is published twice may be done twice
      world.frozen = true;
      failed = hasFailed(world, new FullDisk(world.disk, step, step + operations, cut, noticed()));
      world.minion().live();
      world.assertComplete();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void minion_whoseDiskIsFullAtAnyStep_andThatIsKilledSoonAfter_losesNothing(int cut)
      throws Exception {
    for (int later = 0; later < 6; later++) {
      boolean failed = true;
      for (int step = 0; failed; step++) {
        World world = World.of(SIZES);
        world.frozen = true;
        AtomicInteger left = new AtomicInteger(later);
        AtomicBoolean full = new AtomicBoolean();
        FaultyDisk faulty =
            new FaultyDisk(
                world.disk,
                _ -> full.get() && left.getAndDecrement() == 0 ? Extent.NOTHING : Extent.ALL);
        try {
          failed = hasFailed(world, new FullDisk(faulty, step, step + 1, cut, full));
        } catch (Killed e) {
          failed = true;
        }
        world.minion().live();
        world.assertComplete();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 9, 100})
  void line_thatWasCut_isNotOneAboutOtherItems(int cut) throws Exception {
    for (String line : List.of("p 7 1 4:12", "a 4 m2 200 s0:0-5*0 s1:0-3*0", "f 4 100 20")) {
      MemoryDisk disk = new MemoryDisk();
      // behind the two that open the files
      Folder folder = new Folder(Path.of("/queue"), new FullDisk(disk, 2, 3, cut, noticed()));
      OwnLog log = OwnLog.open(folder, "m1");
      assertThatThrownBy(() -> log.write(line, true)).hasMessageContaining("No space left");
      assertThat(log.write("c 4 s0:0-30*0 s0.30.0.s0.1", true)).isTrue();
      History history = new History();
      history.feed(disk.read(folder.log(new Folder.Log("m1", null)), 0));
      assertThat(history.publications()).isEmpty();
      assertThat(history.adoptedLength("m2", true)).isEqualTo(-1);
      assertThat(history.claims()).hasSize(1);
      assertThat(history.isBusy()).isTrue();
    }
  }

  private static AtomicBoolean noticed() {
    return new AtomicBoolean();
  }

  /** Has a minion live on the disk, and returns whether it could not. */
  private static boolean hasFailed(World world, Disk disk) throws InterruptedException {
    World.Minion minion;
    try {
      minion = world.minion(disk);
    } catch (IOException e) {
      return true;
    }
    try {
      minion.live();
      return false;
    } catch (QueueException e) {
      try {
        minion.queue().close();
      } catch (QueueException again) {
        e.addSuppressed(again);
      }
      return true;
    }
  }
}

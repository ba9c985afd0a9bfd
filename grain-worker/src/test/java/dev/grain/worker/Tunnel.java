package dev.grain.worker;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A network cable as a program: makes two network devices of Linux and carries packets from each to
 * the other. Lines on its standard input set how: {@code DELAY LOSS}, the first in milliseconds,
 * the second in percent of the packets of each direction; 100 is a cut. The devices go when it
 * ends.
 */
@SuppressWarnings("restricted") // calls the system
final class Tunnel {
  private static final int LARGEST_PACKET = 65_536;
  private static final int READ_AND_WRITE = 2;
  private static final long SET_NAME = 0x400454caL; // TUNSETIFF
  private static final short PLAIN_PACKETS = 0x1001; // IFF_TUN | IFF_NO_PI
  private static final int REQUEST_BYTES = 40;
  private static final int FLAGS_OFFSET = 16;
  private static final long SEED = 1;

  private static final MethodHandle OPEN =
      call("open", ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT);
  private static final MethodHandle CONTROL =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("ioctl"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.ADDRESS),
              Linker.Option.firstVariadicArg(2));
  private static final MethodHandle READ = transfer("read");
  private static final MethodHandle WRITE = transfer("write");

  private final ScheduledExecutorService carrier = Executors.newSingleThreadScheduledExecutor();
  // set by the main thread, read by those that read packets
  private volatile int delay;
  private volatile int loss;

  private Tunnel() {}

  private static MethodHandle call(String name, ValueLayout result, ValueLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(
            Linker.nativeLinker().defaultLookup().findOrThrow(name),
            FunctionDescriptor.of(result, arguments));
  }

  private static MethodHandle transfer(String name) {
    return call(
        name,
        ValueLayout.JAVA_LONG,
        ValueLayout.JAVA_INT,
        ValueLayout.ADDRESS,
        ValueLayout.JAVA_LONG);
  }

  /**
   * Carries packets until its input ends.
   *
   * @param arguments the names of the two devices
   */
  public static void main(String[] arguments) throws IOException {
    Tunnel tunnel = new Tunnel();
    int first = device(arguments[0]);
    int second = device(arguments[1]);
    Thread.ofPlatform().start(() -> tunnel.carry(first, second, new Random(SEED)));
    Thread.ofPlatform().start(() -> tunnel.carry(second, first, new Random(SEED + 1)));
    System.out.println("ready");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] numbers = line.split(" ", -1);
      tunnel.delay = Integer.parseInt(numbers[0]);
      tunnel.loss = Integer.parseInt(numbers[1]);
      System.out.println("done");
    }
    Runtime.getRuntime().halt(0);
  }

  /** Makes a device and returns its number as an open file. */
  private static int device(String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      int file = (int) OPEN.invokeExact(arena.allocateFrom("/dev/net/tun"), READ_AND_WRITE);
      MemorySegment request = arena.allocate(REQUEST_BYTES);
      request.setString(0, name);
      request.set(ValueLayout.JAVA_SHORT, FLAGS_OFFSET, PLAIN_PACKETS);
      if (file < 0 || (int) CONTROL.invokeExact(file, SET_NAME, request) < 0) {
        throw new IOException("The network device " + name + " cannot be made");
      }
      return file;
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("FutureReturnValueIgnored") // what cannot be carried is lost
  private void carry(int from, int to, Random random) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment packet = arena.allocate(LARGEST_PACKET);
      while (true) {
        // fails while the device is not up
        long length = (long) READ.invokeExact(from, packet, (long) LARGEST_PACKET);
        if (length > 0 && random.nextInt(100) >= loss) {
          byte[] copy = packet.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
          carrier.schedule(() -> write(to, copy), delay, TimeUnit.MILLISECONDS);
        }
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void write(int to, byte[] packet) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocateFrom(ValueLayout.JAVA_BYTE, packet);
      // what a device does not take is lost, as on a cable
      long _ = (long) WRITE.invokeExact(to, copy, copy.byteSize());
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}

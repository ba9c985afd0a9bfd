package dev.grain.shipping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.grain.Warnings;
import dev.grain.bytes.Bytes;
import dev.grain.code.CodeStore;
import dev.grain.code.CodeStore.LoadedCode;
import dev.grain.code.Codec;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CodeStoreTest {
  private static final long BOUND = 1 << 30;
  private static final String ONE = "public static Fn0<String> f() { return () -> \"one\"; }";
  private static final String TWO = "public static Fn0<String> f() { return () -> \"two\"; }";

  @TempDir Path folder;

  private Path cache() {
    return folder.resolve("cache");
  }

  private CodeStore store(long bound) {
    return new CodeStore(cache(), bound);
  }

  private UserProgram program(String name, String members) throws Exception {
    return UserProgram.of(folder.resolve(name), members);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(cache())) {
      return files.sorted().toList();
    }
  }

  private long kept() throws IOException {
    long total = 0;
    for (Path each : files()) {
      total += Files.size(each);
    }
    return total;
  }

  @Test
  void bundle_isFetchedOnce_andFoundOnDiskByAnotherStore() throws Exception {
    try (UserProgram program = program("one", ONE)) {
      assertThat(program.call(store(BOUND), "f")).isEqualTo("one");
      assertThat(program.asked()).doesNotHaveDuplicates().hasSizeGreaterThan(1);
      assertThat(program.call(store(BOUND), "f")).isEqualTo("one");
      assertThat(program.asked()).isEmpty();
      assertThat(files()).allMatch(file -> file.toString().matches(".*[0-9a-f]{64}\\.\\w+"));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cache())))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void manyThreads_thatWantOneBundle_fetchItOnceAndHaveOneLoader() throws Exception {
    CodeStore store = store(BOUND);
    try (UserProgram program = program("one", ONE);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Codec.EncodedCall call = program.encode("f");
      CountDownLatch start = new CountDownLatch(1);
      List<Future<LoadedCode>> loads = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        Callable<LoadedCode> load =
            () -> {
              start.await();
              return store.load(call.bundle(), program);
            };
        loads.add(threads.submit(load));
      }
      start.countDown();
      HashSet<Codec> codes = new HashSet<>();
      for (Future<LoadedCode> each : loads) {
        codes.add(each.get().code());
      }
      assertThat(codes).hasSize(1);
      assertThat(program.asked()).doesNotHaveDuplicates();
      for (Future<LoadedCode> each : loads) {
        each.get().close();
      }
    }
  }

  @Test
  void twoVersionsOfOneClass_ofTwoHeads_runSideBySide() throws Exception {
    CodeStore store = store(BOUND);
    try (UserProgram one = program("one", ONE);
        UserProgram two = program("two", TWO)) {
      Codec.EncodedCall call = one.encode("f");
      try (LoadedCode loaded = store.load(call.bundle(), one)) {
        assertThat(two.call(store, "f")).isEqualTo("two");
        assertThat(loaded.code().decode(call.function(), call.arguments()).run()).isEqualTo("one");
      }
    }
  }

  @Test
  void use_thatIsClosed_leavesTheOtherUseItsLoader() throws Exception {
    CodeStore store = store(BOUND);
    try (UserProgram program = program("one", ONE)) {
      Codec.EncodedCall call = program.encode("f");
      LoadedCode first = store.load(call.bundle(), program);
      try (LoadedCode second = store.load(call.bundle(), program)) {
        first.close();
        first.close();
        assertThat(second.code().decode(call.function(), call.arguments()).run()).isEqualTo("one");
      }
    }
  }

  // ---- what is on disk

  @Test
  void twoStores_withOneFolder_shareWhatIsThere() throws Exception {
    CodeStore first = store(0);
    CodeStore second = store(0);
    try (UserProgram program = program("one", ONE)) {
      Codec.EncodedCall call = program.encode("f");
      LoadedCode there = first.load(call.bundle(), program);
      program.asked();
      try (LoadedCode here = second.load(call.bundle(), program)) {
        assertThat(program.asked()).as("only the listing is in nobody's use").hasSize(1);
        there.close();
        // the first store may keep nothing, and leaves what the second one uses
        assertThat(here.code().decode(call.function(), call.arguments()).run()).isEqualTo("one");
      }
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void bound_isKept_andWhatWasUsedLastStays() throws Exception {
    try (UserProgram one = program("one", ONE);
        UserProgram two = program("two", TWO);
        UserProgram six = program("six", ONE.replace("one", "six"))) {
      one.call(store(BOUND), "f");
      two.call(store(BOUND), "f");
      one.asked();
      two.asked();
      one.call(store(BOUND), "f");
      long bound = kept();
      assertThat(six.call(store(bound), "f")).isEqualTo("six");
      assertThat(kept()).isLessThanOrEqualTo(bound);
      one.call(store(bound), "f");
      assertThat(one.asked()).isEmpty();
      two.call(store(bound), "f");
      assertThat(two.asked()).isNotEmpty();
    }
  }

  @Test
  void damagedFiles_areFetchedAnew() throws Exception {
    try (UserProgram program = program("one", ONE)) {
      program.call(store(BOUND), "f");
      List<Bytes> all = program.asked();
      for (Path each : files()) {
        byte[] bytes = Files.readAllBytes(each);
        bytes[bytes.length / 2] ^= 1;
        Files.write(each, bytes);
      }
      assertThat(program.call(store(BOUND), "f")).isEqualTo("one");
      assertThat(program.asked()).containsExactlyElementsOf(all);
      for (Path each : files()) {
        Files.write(each, new byte[0]);
      }
      assertThat(program.call(store(BOUND), "f")).isEqualTo("one");
      assertThat(program.asked()).containsExactlyElementsOf(all);
    }
  }

  @Test
  void folderThatCannotBe_isSaidOnce_andCodeIsInMemory() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    Path library = Building.library(folder);
    String members =
        "public static Fn0<String> f() { return () -> lib.Words.resource() + lib.Words.spoken(); }";
    Path source = folder.resolve("acme/Functions.java");
    Files.createDirectories(source.getParent());
    Files.writeString(
        source,
        "package acme; import dev.grain.function.*; public final class Functions { "
            + members
            + " }");
    Path classes =
        Building.compile(folder.resolve("classes"), List.of(Building.grain(), library), source);
    CodeStore store = new CodeStore(file.resolve("cache"), BOUND);
    List<String> warnings = new ArrayList<>();
    Logger logger = Logger.getLogger("dev.grain.code.bundle.DiskCache");
    Handler handler =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            warnings.add(record.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    logger.addHandler(handler);
    logger.setUseParentHandlers(false);
    try (UserProgram program = new UserProgram(classes, library)) {
      for (int i = 0; i < 2; i++) {
        assertThat(program.call(store, "f")).isEqualTo("words of a library[HELLO]");
        assertThat(program.asked()).as("nothing is remembered").isNotEmpty();
      }
    } finally {
      logger.setUseParentHandlers(true);
      logger.removeHandler(handler);
    }
    assertThat(warnings).hasSize(1);
    assertThat(warnings.getFirst()).contains("it is kept in memory");
  }

  @Test
  void threadsOfAProgram_afterItsLastUse_areNamedInOneWarning() throws Exception {
    String starting =
        """
        public static Fn0<Thread> f() {
          return () -> {
            Thread left =
                new Thread(
                    () -> {
                      try {
                        Thread.sleep(java.time.Duration.ofDays(1));
                      } catch (InterruptedException e) {
                        // the test ends it
                      }
                    },
                    "left-1");
            left.setContextClassLoader(%s.class.getClassLoader());
            left.start();
            return left;
          };
        }
        """
            .formatted("Functions");
    CodeStore store = store(BOUND);
    Thread left;
    try (Warnings warnings = new Warnings("dev.grain.code.bundle.CodeLoader");
        UserProgram program = program("one", starting)) {
      Codec.EncodedCall call = program.encode("f");
      try (LoadedCode loaded = store.load(call.bundle(), program)) {
        left = (Thread) loaded.code().decode(call.function(), call.arguments()).run();
        assertThat(warnings.texts()).isEmpty();
      }
      left.interrupt();
      left.join();
      assertThat(warnings.texts())
          .singleElement()
          .asString()
          .startsWith(
              "Threads of a program that has left still run here, with all its classes: left-1.");
    }
  }

  @Test
  void processThatDiesWhileItLoads_leavesNothingBehindForLong() throws Exception {
    try (UserProgram program = program("one", ONE)) {
      Codec.EncodedCall call = program.encode("f");
      Path contents = Files.createDirectory(folder.resolve("contents"));
      try (LoadedCode _ =
          new CodeStore(folder.resolve("other"), BOUND).load(call.bundle(), program)) {
        List<Bytes> asked = program.asked();
        for (Bytes each : asked.subList(0, asked.size() - 1)) {
          Files.write(
              contents.resolve(HangingWorker.name(each)),
              program.bundles().content(each).stream().readAllBytes());
        }
      }
      kill(call.bundle(), contents);
      assertThat(files()).filteredOn(Files::isDirectory).hasSize(1);
      assertThat(program.call(store(BOUND), "f")).isEqualTo("one");
      assertThat(program.asked()).as("the rest").hasSize(1);
      assertThat(files()).noneMatch(Files::isDirectory);
    }
  }

  /**
   * Lets a process start to load, and kills it when it waits for what is not among the contents.
   */
  private void kill(Bytes bundle, Path contents) throws Exception {
    Path worker = Building.copy(folder.resolve("hanging"), HangingWorker.class);
    List<Path> path = new ArrayList<>(List.of(worker, Building.grain()));
    path.addAll(Building.libraries());
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                Building.join(path),
                HangingWorker.class.getName(),
                cache().toString(),
                contents.toString(),
                HangingWorker.name(bundle))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try {
      assertThat(process.getInputStream().read()).isEqualTo('!');
    } finally {
      process.destroyForcibly();
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }
  }

  // ---- what the head sends

  @Test
  void bytesThatWereNotAskedFor_areRefused() throws Exception {
    try (UserProgram program = program("one", ONE)) {
      Codec.EncodedCall call = program.encode("f");
      assertThatThrownBy(
              () -> store(BOUND).load(call.bundle(), hash -> Bytes.of(new byte[] {1, 2})))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("The head sent other bytes for the code ");
      assertThat(program.call(store(BOUND), "f")).isEqualTo("one");
    }
  }

  @Test
  void fetchThatFails_isTriedAnewByTheNext() throws Exception {
    CodeStore store = store(BOUND);
    try (UserProgram program = program("one", ONE)) {
      Codec.EncodedCall call = program.encode("f");
      assertThatThrownBy(() ->
              store.load(
                  call.bundle(),
                  hash -> {
                    throw new IOException("gone");
                  }))
          .hasMessage("gone");
      assertThat(program.call(store, "f")).isEqualTo("one");
    }
  }

  // ---- what stays when nobody uses it

  @Test
  void loader_afterItsLastUse_isCollectedAndItsJarsAreClosed() throws Exception {
    String members =
        "record R(int n, java.util.List<String> list) {}"
            + "static class E extends Exception implements java.io.Serializable {"
            + " final R r = new R(1, java.util.List.of()); }"
            + "public static Fn1<Object, Object> f() { return x -> {"
            + " Functions.class.getResource(\"Functions.class\").openStream().close();"
            + " Functions.class.getResourceAsStream(\"Functions.class\").close();"
            + " return new R(2, java.util.List.of(\"a\")); }; }"
            + "public static Fn0<Object> g() { return () -> { throw new E(); }; }";
    ReferenceQueue<ClassLoader> collected = new ReferenceQueue<>();
    CodeStore store = store(BOUND);
    try (UserProgram program = program("one", members)) {
      Reference<ClassLoader> loader = use(store, program, collected);
      for (int i = 0; i < 100 && collected.remove(100) == null; i++) {
        System.gc();
      }
      assertThat(loader.get()).isNull();
    }
    Path open = Path.of("/proc/self/fd");
    if (Files.isDirectory(open)) {
      try (Stream<Path> handles = Files.list(open)) {
        assertThat(handles.map(CodeStoreTest::target))
            .noneMatch(path -> path.startsWith(cache().toString()));
      }
    }
  }

  private static Reference<ClassLoader> use(
      CodeStore store, UserProgram program, ReferenceQueue<ClassLoader> collected)
      throws Exception {
    Codec.EncodedCall call = program.encode("f", List.of(1));
    Codec.EncodedCall failing = program.encode("g");
    try (LoadedCode loaded = store.load(call.bundle(), program)) {
      Codec code = loaded.code();
      Object value = code.decode(call.function(), call.arguments()).run();
      // equals() of a record would leave its class in a soft cache of the JDK
      Object copy = code.decodeValue(code.encodeValue(value, BOUND));
      assertThat(copy.getClass().getName()).isEqualTo("acme.Functions$R");
      Codec.DecodedCall failure = code.decode(failing.function(), failing.arguments());
      try {
        failure.run();
      } catch (Exception e) {
        Throwable back = program.code().decodeFailure(code.encodeFailure(e));
        assertThat(back.getClass().getName()).isEqualTo("acme.Functions$E");
        assertThat(back.getClass().getClassLoader()).isSameAs(program.loader());
      }
      return new WeakReference<>(code.loader(), collected);
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException e) {
      return ""; // it was the handle for the listing itself
    }
  }
}

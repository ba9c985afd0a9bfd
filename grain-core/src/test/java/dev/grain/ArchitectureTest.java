package dev.grain;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.Serializable;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.Timer;
import java.util.UUID;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds the packages to the arrows between them, and the simulated ones to being reproducible. That
 * no public signature shows a hidden type is javac's to say, by its lint {@code exports}.
 */
final class ArchitectureTest {
  private static final Path CLASS_FOLDER = Path.of("target/classes");
  private static final Path SOURCE_FOLDER = Path.of("src/main/java");
  private static final JavaClasses CLASSES = new ClassFileImporter().importPath(CLASS_FOLDER);

  private static final Pattern STRUCTURED_TASK_SCOPE =
      Pattern.compile("java[./]util[./]concurrent[./]StructuredTaskScope");

  private static final Pattern ITERATION =
      Pattern.compile("keySet|values|entrySet|replaceAll|keys|elements|(forEach|search|reduce).*");

  private static final String CONSTRUCTOR = "<init>";

  private static final List<String> JDK =
      List.of("java..", "javax..", "jdk..", "org.jspecify.annotations");

  /** Top to bottom: the packages of a room, and what they use besides the JDK. */
  private static final List<Room> ROOMS =
      List.of(
          room("dev.grain", "dev.grain..", "dev.tamboui.."),
          room("dev.grain.scope"),
          room(
              "dev.grain.head",
              "dev.grain.schedule",
              "dev.grain.jfr",
              "dev.grain.wire",
              "dev.grain.code",
              "dev.grain.job",
              "dev.grain.resource..",
              "dev.grain.bytes"),
          room(
              "dev.grain.node.live",
              "dev.grain.node",
              "dev.grain.jfr",
              "dev.grain.wire",
              "dev.grain.code",
              "dev.grain.job",
              "dev.grain.function",
              "dev.grain.resource..",
              "dev.grain.bytes"),
          room(
              "dev.grain.node",
              "dev.grain.wire",
              "dev.grain.code",
              "dev.grain.job",
              "dev.grain.resource..",
              "dev.grain.bytes"),
          room("dev.grain.schedule", "dev.grain.job", "dev.grain.resource.."),
          room("dev.grain.wire", "dev.grain.job", "dev.grain.bytes", "io.netty.."),
          room(
              "dev.grain.code",
              "dev.grain.code.bundle",
              "dev.grain.job",
              "dev.grain.function",
              "dev.grain.bytes",
              "com.esotericsoftware..",
              "org.objenesis.."),
          room("dev.grain.code.bundle", "dev.grain.job", "dev.grain.bytes"),
          room("dev.grain.journal", "dev.grain.bytes"),
          room("dev.grain.resource..", "dev.grain.job", "dev.grain.bytes", "com.sun.management"),
          room("dev.grain.jfr"),
          room("dev.grain.job"),
          room("dev.grain.function"),
          room("dev.grain.bytes"));

  /**
   * What the simulation runs, on a loop and a clock of its own. Not among it: {@code NettyLoop},
   * which is the real loop; {@code Resolver}, which looks names up in a thread, as Java can only
   * block for them; {@code ClusterKey}, which notes when a key was made.
   */
  private static final DescribedPredicate<JavaClass> SIMULATED =
      resideInAnyPackage("dev.grain.schedule", "dev.grain.head", "dev.grain.node", "dev.grain.wire")
          .and(not(ofClassOrNestedIn("dev.grain.wire.NettyLoop")))
          .and(not(ofClassOrNestedIn("dev.grain.wire.Resolver")))
          .and(not(ofClassOrNestedIn("dev.grain.wire.ClusterKey")))
          .as("are run by the simulation");

  record Room(String packages, List<String> uses) {
    String[] mayUse() {
      return Stream.of(List.of(packages), uses, JDK).flatMap(List::stream).toArray(String[]::new);
    }

    @Override
    public String toString() {
      return packages;
    }
  }

  private static Room room(String packages, String... uses) {
    return new Room(packages, List.of(uses));
  }

  private static List<Room> rooms() {
    return ROOMS;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rooms")
  void room_dependsOnNothing_butItsRow(Room room) {
    classes()
        .that()
        .resideInAPackage(room.packages())
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(room.mayUse())
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void everyClass_livesInARoom() {
    classes()
        .should()
        .resideInAnyPackage(ROOMS.stream().map(Room::packages).toArray(String[]::new))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void everyPackage_saysWhatItOwns() throws IOException {
    try (Stream<Path> files = Files.walk(SOURCE_FOLDER)) {
      List<Path> packages =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .map(Path::getParent)
              .filter(folder -> !folder.equals(SOURCE_FOLDER))
              .distinct()
              .toList();
      assertThat(packages)
          .isNotEmpty()
          .filteredOn(folder -> Files.notExists(folder.resolve("package-info.java")))
          .isEmpty();
    }
  }

  @Test
  void structuredTaskScope_isNamed_inScopeOnly() throws IOException {
    Path scope = CLASS_FOLDER.resolve("dev/grain/scope");
    try (Stream<Path> files = Files.walk(CLASS_FOLDER)) {
      assertThat(files.filter(file -> file.toString().endsWith(".class")))
          .filteredOn(file -> !file.startsWith(scope))
          .noneMatch(file -> names(file, STRUCTURED_TASK_SCOPE));
    }
    noClasses()
        .should()
        .dependOnClassesThat()
        .haveNameMatching("java\\.util\\.concurrent\\.StructuredTaskScope.*")
        .because("a class that refers to a preview type runs on one JDK release only")
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  @Test
  void simulated_readsNoClock() {
    forbid(
        "a clock: ask the loop for the time",
        calls(System.class, "nanoTime", "currentTimeMillis")
            .or(access -> isIn(access, "java.time") && access.getName().equals("now"))
            .or(calls(Clock.class)));
  }

  @Test
  void simulated_drawsNoRandomNumber() {
    forbid(
        "a random number: take a seeded generator as an argument",
        calls(Math.class, "random")
            .or(calls(StrictMath.class, "random"))
            .or(calls(UUID.class, "randomUUID"))
            .or(calls(System.class, "identityHashCode"))
            .or(calls(Collections.class, "shuffle"))
            .or(calls(RandomGenerator.class, "getDefault", "of"))
            .or(calls(SplittableRandom.class, CONSTRUCTOR))
            .or(callsInherited(Random.class, CONSTRUCTOR, "current")));
  }

  @Test
  void simulated_startsNoThread() {
    forbid(
        "a thread: post to the loop",
        callsInherited(Thread.class, CONSTRUCTOR, "start", "startVirtualThread", "sleep")
            .or(calls(Thread.class, "ofVirtual", "ofPlatform"))
            .or(calls(Executors.class))
            .or(callsInherited(Executor.class, CONSTRUCTOR))
            .or(calls(Timer.class, CONSTRUCTOR))
            .or(calls(CompletableFuture.class).and(access -> access.getName().endsWith("Async")))
            .or(access -> isIn(access, "java.util") && access.getName().equals("parallelStream"))
            .or(access -> isIn(access, "java.util.stream") && access.getName().equals("parallel")));
  }

  @Test
  void simulated_iteratesOverNothingUnordered() {
    Predicate<JavaAccess<?>> unorderedMap =
        calls(Map.class)
            .or(calls(HashMap.class))
            .or(calls(ConcurrentMap.class))
            .or(calls(ConcurrentHashMap.class))
            .or(calls(IdentityHashMap.class))
            .or(calls(WeakHashMap.class));
    forbid(
        "the order of a hash table: declare a SequencedMap, a SequencedSet or a list",
        unorderedMap
            .and(access -> ITERATION.matcher(access.getName()).matches())
            .or(calls(HashSet.class))
            .or(calls(Set.class, "of", "copyOf"))
            .or(calls(Collectors.class, "toSet", "toUnmodifiableSet"))
            .or(calls(ConcurrentHashMap.class, "newKeySet"))
            .or(calls(Collections.class, "newSetFromMap")));
  }

  @Test
  void schedule_doesNoInputOrOutput() {
    noClasses()
        .that(resideInAPackage("dev.grain.schedule"))
        .should()
        .dependOnClassesThat(
            resideInAnyPackage("java.io", "java.nio..", "java.net..")
                .and(not(belongToAnyOf(Serializable.class)))
                .or(belongToAnyOf(System.Logger.class)))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  private static void forbid(String what, Predicate<JavaAccess<?>> access) {
    noClasses()
        .that(SIMULATED)
        .should()
        .accessTargetWhere(describe("it is " + what, access))
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /** Matches calls of and references to these methods of a class, or to any if none is named. */
  private static Predicate<JavaAccess<?>> calls(Class<?> owner, String... names) {
    return access -> access.getTargetOwner().isEquivalentTo(owner) && isNamed(access, names);
  }

  private static Predicate<JavaAccess<?>> callsInherited(Class<?> owner, String... names) {
    return access -> access.getTargetOwner().isAssignableTo(owner) && isNamed(access, names);
  }

  private static boolean isNamed(JavaAccess<?> access, String... names) {
    return names.length == 0 || List.of(names).contains(access.getName());
  }

  private static boolean isIn(JavaAccess<?> access, String name) {
    return access.getTargetOwner().getPackageName().equals(name);
  }

  private static DescribedPredicate<JavaClass> ofClassOrNestedIn(String name) {
    return describe(
        "of " + name, type -> type.getName().equals(name) || type.getName().startsWith(name + "$"));
  }

  private static boolean names(Path classFile, Pattern name) {
    try {
      for (PoolEntry entry : ClassFile.of().parse(classFile).constantPool()) {
        if (entry instanceof Utf8Entry text && name.matcher(text.stringValue()).find()) {
          return true;
        }
      }
      return false;
    } catch (IOException unreadable) {
      throw new AssertionError("cannot read " + classFile, unreadable);
    }
  }
}

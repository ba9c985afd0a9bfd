package dev.grain.code;

import dev.grain.bytes.Bytes;
import dev.grain.code.bundle.BundleStore;
import dev.grain.code.bundle.FilePlaces;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What another process on this machine needs to load the code of jobs, which this process has.
 *
 * @param bundle a bundle, encoded; empty for none
 * @param program whether the class path of the other process is that of the program
 * @param classPath what was made ready for the jobs: jars, whose names end with {@code .jar}, and
 *     folders, where the other process has them
 * @param variable whether the variable {@code CLASSPATH} of the other process names further ones
 */
public record HandedOver(Bytes bundle, boolean program, List<Path> classPath, boolean variable) {
  /** No code. */
  public static final HandedOver NOTHING = new HandedOver(Bytes.empty(), false, List.of(), false);

  /** The program itself. */
  public static final HandedOver PROGRAM = new HandedOver(Bytes.empty(), true, List.of(), false);

  private static final String VARIABLE = "CLASSPATH";
  private static final String WILDCARD = "*";
  private static final String JAR = ".jar";

  /** Returns a bundle, encoded. */
  static HandedOver ofBundle(Bytes bundle) {
    return new HandedOver(bundle, false, List.of(), false);
  }

  /**
   * Returns the same with what was made ready for jobs.
   *
   * @param places where the other process has it
   * @throws IOException if it cannot have it, in a sentence
   */
  public HandedOver with(List<Path> ready, FilePlaces places) throws IOException {
    List<Path> there = new ArrayList<>();
    for (Path each : ready) {
      there.add(places.of(each));
    }
    return new HandedOver(bundle, program, List.copyOf(there), variable);
  }

  /** Returns the same with what the variable of the other process names. */
  public HandedOver withVariable() {
    return new HandedOver(bundle, program, classPath, true);
  }

  /** Returns it as bytes. */
  public Bytes encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeBoolean(program);
      out.writeBoolean(variable);
      out.writeInt(classPath.size());
      for (Path each : classPath) {
        out.writeUTF(each.toString());
      }
      bundle.stream().transferTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Bytes.of(bytes.toByteArray());
  }

  /**
   * Reads what {@link #encode} has returned.
   *
   * @throws IOException if it is something else
   */
  public static HandedOver decode(Bytes bytes) throws IOException {
    try (DataInputStream in = new DataInputStream(bytes.stream())) {
      boolean program = in.readBoolean();
      boolean variable = in.readBoolean();
      List<Path> classPath = new ArrayList<>();
      for (int left = in.readInt(); left > 0; left--) {
        classPath.add(Path.of(in.readUTF()));
      }
      Bytes bundle = Bytes.of(in.readAllBytes());
      return new HandedOver(bundle, program, List.copyOf(classPath), variable);
    }
  }

  /**
   * Returns what encodes and decodes with these classes in this process, until it ends.
   *
   * @throws IOException if the bundle is something else
   */
  public Codec load() throws IOException {
    ClassLoader worker = HandedOver.class.getClassLoader();
    List<Path> all = new ArrayList<>(classPath);
    if (variable) {
      all.addAll(named(System.getenv().getOrDefault(VARIABLE, "")));
    }
    if (!bundle.isEmpty()) {
      return new Codec(BundleStore.loaderOf(bundle, all, worker));
    }
    Codec own = new Codec(program ? ClassLoader.getSystemClassLoader() : worker);
    if (all.isEmpty()) {
      return own;
    }
    return (program ? JoinedCode.ofProgram(own, all) : JoinedCode.ofClassPath(own, all)).code();
  }

  /**
   * Returns the entries of a class path as Java reads it: {@code folder/*} means all jars there.
   */
  static List<Path> named(String variable) throws IOException {
    List<Path> entries = new ArrayList<>();
    for (String each : variable.split(File.pathSeparator, -1)) {
      if (each.equals(WILDCARD) || each.endsWith(File.separator + WILDCARD)) {
        entries.addAll(jars(Path.of(each.substring(0, each.length() - WILDCARD.length()))));
      } else if (!each.isEmpty()) {
        entries.add(Path.of(each).toAbsolutePath());
      }
    }
    return entries;
  }

  private static List<Path> jars(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder.toAbsolutePath())) {
      return all.filter(each -> each.toString().endsWith(JAR)).sorted().toList();
    }
  }
}

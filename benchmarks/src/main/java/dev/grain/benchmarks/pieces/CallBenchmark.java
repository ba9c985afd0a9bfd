package dev.grain.benchmarks.pieces;

import dev.grain.bytes.Bytes;
import dev.grain.code.Codec;
import dev.grain.code.Codec.EncodedCall;
import dev.grain.function.Fn1;
import java.util.List;
import java.util.Objects;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a job's function, argument and result cost on their way to bytes and back. */
@State(Scope.Thread)
public class CallBenchmark {
  private static final Fn1<Integer, Integer> FUNCTION = n -> n + 1;
  private static final long LIMIT = 1 << 20;

  private final Codec code = new Codec(CallBenchmark.class.getClassLoader());
  private final Molecule molecule = new Molecule("water", List.of(new Atom("O", 15.999)));
  private final EncodedCall call = code.encode(FUNCTION, new Object[] {12}, LIMIT);
  private final Bytes value = code.encodeValue(13, LIMIT);
  private final Bytes encodedMolecule = code.encodeValue(molecule, LIMIT);

  private record Molecule(String name, List<Atom> atoms) {}

  private record Atom(String symbol, double mass) {}

  /** A function and an int to bytes, as when a job is submitted. */
  @Benchmark
  public EncodedCall encodeCallGrain() {
    return code.encode(FUNCTION, new Object[] {12}, LIMIT);
  }

  /** Back again, and called, as when a job starts. */
  @Benchmark
  public Object decodeCallGrain() throws Throwable {
    return Objects.requireNonNull(code.decode(call.function(), call.arguments()).run());
  }

  /** A result to bytes, as when a job ends. */
  @Benchmark
  public Bytes encodeIntGrain() {
    return code.encodeValue(13, LIMIT);
  }

  /** Back again, as when the program asks for it. */
  @Benchmark
  public Object decodeIntGrain() {
    return Objects.requireNonNull(code.decodeValue(value));
  }

  /** A record with a list of records to bytes. */
  @Benchmark
  public Bytes encodeRecordGrain() {
    return code.encodeValue(molecule, LIMIT);
  }

  /** Back again. */
  @Benchmark
  public Object decodeRecordGrain() {
    return Objects.requireNonNull(code.decodeValue(encodedMolecule));
  }
}

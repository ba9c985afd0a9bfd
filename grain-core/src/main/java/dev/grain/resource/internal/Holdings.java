package dev.grain.resource.internal;

import dev.grain.bytes.Bytes;
import dev.grain.resource.internal.Demand.Part;
import java.util.ArrayList;
import java.util.List;

/**
 * What some of the jobs of a node hold together.
 *
 * @param jobs how many jobs they are
 * @param alone whether one of them has the node to itself
 * @param parts the whole cores and GPUs, the amounts of other kinds, and each token once, in the
 *     order of kinds
 * @param cores what is held of cores that have some left, by position
 * @param gpus the same of GPUs
 * @param units which of the whole GPUs, and of the units of custom kinds with ids, in the order of
 *     kinds
 */
public record Holdings(
    int jobs,
    boolean alone,
    List<Part> parts,
    List<Share> cores,
    List<Share> gpus,
    List<Units> units) {
  /** Nothing. */
  public static final Holdings NONE =
      new Holdings(0, false, List.of(), List.of(), List.of(), List.of());

  /**
   * What is held of one core or GPU.
   *
   * @param position its position in the offer
   * @param units how much, less than {@link Kind#WHOLE}
   */
  public record Share(int position, int units) {}

  /** Copies the lists. */
  public Holdings {
    parts = List.copyOf(parts);
    cores = List.copyOf(cores);
    gpus = List.copyOf(gpus);
    units = List.copyOf(units);
  }

  /** Returns whether it names the held units of the kind. */
  boolean names(Kind kind) {
    return units.stream().anyMatch(each -> each.kind().equals(kind));
  }

  /** Returns whether no job holds anything. */
  public boolean isEmpty() {
    return jobs == 0;
  }

  /** Returns the units that are held of the kind. */
  public long amount(Kind kind) {
    long units = 0;
    for (Part part : parts) {
      units += part.kind().equals(kind) ? part.amount() : 0;
    }
    List<Share> shares =
        kind.equals(Kind.CPU) ? cores : kind.equals(Kind.GPU) ? gpus : List.<Share>of();
    return units + shares.stream().mapToLong(Share::units).sum();
  }

  /** Returns the holdings as bytes. */
  public Bytes encode() {
    Encoder encoder = new Encoder();
    encoder.number(jobs);
    encoder.number(alone ? 1 : 0);
    encoder.parts(parts);
    encode(cores, encoder);
    encode(gpus, encoder);
    Units.encode(units, encoder);
    return encoder.toBytes();
  }

  private static void encode(List<Share> shares, Encoder encoder) {
    encoder.number(shares.size());
    for (Share share : shares) {
      encoder.number(share.position);
      encoder.number(share.units);
    }
  }

  /**
   * Returns the holdings that {@link #encode()} made these bytes of.
   *
   * @throws IllegalArgumentException if they are malformed
   */
  public static Holdings decode(Bytes bytes) {
    Decoder decoder = new Decoder("report of what others hold", bytes);
    int jobs = (int) decoder.number(Integer.MAX_VALUE);
    boolean alone = decoder.number(1) == 1;
    List<Part> parts = decoder.parts();
    List<Share> cores = decodeShares(decoder);
    List<Share> gpus = decodeShares(decoder);
    List<Units> units = Units.decode(decoder);
    decoder.ensureEnd();
    for (Units each : units) {
      decoder.ensure(
          parts.contains(new Part(each.kind(), (long) each.positions().size() * Kind.WHOLE)),
          "units that are not as many as are held");
    }
    decoder.ensure(
        jobs > 0
            || (!alone && parts.isEmpty() && cores.isEmpty() && gpus.isEmpty() && units.isEmpty()),
        "something is held by no job");
    return new Holdings(jobs, alone, parts, cores, gpus, units);
  }

  private static List<Share> decodeShares(Decoder decoder) {
    List<Share> shares = new ArrayList<>();
    int last = -1;
    for (int left = decoder.count(); left > 0; left--) {
      int position = (int) decoder.number(Amounts.MAX_INDEXED);
      decoder.ensure(position > last, "the positions are out of order");
      last = position;
      shares.add(new Share(position, (int) decoder.amount(Kind.WHOLE - 1)));
    }
    return shares;
  }
}

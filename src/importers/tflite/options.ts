/**
 * Options tables of all builtin operators, with the field names of the upstream schema; source: schema.fbs, schema version 3d.
 * The order of the tables is their number in the union, the order of the fields their slot; `-` is a deprecated slot.
 */
import { absent, flag, gap, oneOf, rareNumbers, scalar, SIZES, slots, text, type EnumField, type Field, type Options, type ScalarType, type Table } from "./codec.js";
import { TENSOR_TYPES } from "./element.js";

const ENUMS: Readonly<Record<string, EnumField>> = {
  TensorType: oneOf("i8", TENSOR_TYPES, "FLOAT32"),
  Padding: oneOf("i8", ["SAME", "VALID"], "SAME"),
  Activation: oneOf("i8", ["NONE", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT"], "NONE"),
  WeightsFormat: oneOf("i8", ["DEFAULT", "SHUFFLED4x16INT8"], "DEFAULT"),
  LstmKernel: oneOf("i8", ["FULL", "BASIC"], "FULL"),
  MirrorPadMode: oneOf("i8", ["REFLECT", "SYMMETRIC"], "REFLECT"),
  LshProjection: oneOf("i8", ["UNKNOWN", "SPARSE", "DENSE"], "UNKNOWN"),
  Combiner: oneOf("i8", ["SUM", "MEAN", "SQRTN"], "SUM"),
  Comparison: oneOf("u32", ["EQ", "NE", "GE", "GT", "LE", "LT"], "EQ"),
  ComparisonType: oneOf("u32", ["NOTYPE", "FLOAT", "FLOAT_TOTAL_ORDER", "SIGNED", "UNSIGNED"], "NOTYPE"),
};

const isScalar = (s: string): s is Exclude<ScalarType, "bool"> => s in SIZES && s !== "bool";

/** `stride_w:i32`, `new_shape:i32[]`, `dilation_w_factor:i32=1`, `padding:Padding`. */
function parseField(spec: string): readonly [string, Field] {
  const [, name = "", type = "", list, fallback] = /^(\w+):(\w+)(\[\])?(?:=(\w+))?$/.exec(spec) ?? [];
  if (list !== undefined && (isScalar(type) || type === "bool")) return [name, rareNumbers(type)];
  if (type === "text") return [name, text];
  if (type === "bool") return [name, flag(fallback === "1")];
  if (isScalar(type)) return [name, scalar(type, Number(fallback ?? 0))];
  const listed = ENUMS[type];
  if (listed === undefined) throw new Error(`options table: ${spec}`);
  return [name, fallback === undefined ? listed : { ...listed, fallback }];
}

function parseTables(lines: string): ReadonlyMap<string, Table> {
  const rows = lines.split(";").map((l) => l.trim().split(/\s+/)).filter(([name]) => name !== "");
  return new Map(rows.map(([name = "", ...specs]) =>
    [name, Object.fromEntries(specs.map((s, i) => (s === "-" ? [`-${i}`, gap] : parseField(s))))]));
}

/** Union BuiltinOptions. */
export const OPTIONS = parseTables(`
  Conv2DOptions padding:Padding stride_w:i32 stride_h:i32 fused_activation_function:Activation dilation_w_factor:i32=1
    dilation_h_factor:i32=1 quantized_bias_type:TensorType;
  DepthwiseConv2DOptions padding:Padding stride_w:i32 stride_h:i32 depth_multiplier:i32 fused_activation_function:Activation
    dilation_w_factor:i32=1 dilation_h_factor:i32=1;
  ConcatEmbeddingsOptions num_channels:i32 num_columns_per_channel:i32[] embedding_dim_per_channel:i32[];
  LSHProjectionOptions type:LshProjection;
  Pool2DOptions padding:Padding stride_w:i32 stride_h:i32 filter_width:i32 filter_height:i32 fused_activation_function:Activation;
  SVDFOptions rank:i32 fused_activation_function:Activation asymmetric_quantize_inputs:bool;
  RNNOptions fused_activation_function:Activation asymmetric_quantize_inputs:bool;
  FullyConnectedOptions fused_activation_function:Activation weights_format:WeightsFormat keep_num_dims:bool
    asymmetric_quantize_inputs:bool quantized_bias_type:TensorType;
  SoftmaxOptions beta:f32;
  ConcatenationOptions axis:i32 fused_activation_function:Activation;
  AddOptions fused_activation_function:Activation pot_scale_int16:bool=1;
  L2NormOptions fused_activation_function:Activation;
  LocalResponseNormalizationOptions radius:i32 bias:f32 alpha:f32 beta:f32;
  LSTMOptions fused_activation_function:Activation cell_clip:f32 proj_clip:f32 kernel_type:LstmKernel asymmetric_quantize_inputs:bool;
  ResizeBilinearOptions - - align_corners:bool half_pixel_centers:bool;
  CallOptions subgraph:u32;
  ReshapeOptions new_shape:i32[];
  SkipGramOptions ngram_size:i32 max_skip_size:i32 include_all_ngrams:bool;
  SpaceToDepthOptions block_size:i32;
  EmbeddingLookupSparseOptions combiner:Combiner;
  MulOptions fused_activation_function:Activation;
  PadOptions;
  GatherOptions axis:i32 batch_dims:i32;
  BatchToSpaceNDOptions; SpaceToBatchNDOptions; TransposeOptions;
  ReducerOptions keep_dims:bool;
  SubOptions fused_activation_function:Activation pot_scale_int16:bool=1;
  DivOptions fused_activation_function:Activation;
  SqueezeOptions squeeze_dims:i32[];
  SequenceRNNOptions time_major:bool fused_activation_function:Activation asymmetric_quantize_inputs:bool;
  StridedSliceOptions begin_mask:i32 end_mask:i32 ellipsis_mask:i32 new_axis_mask:i32 shrink_axis_mask:i32 offset:bool;
  ExpOptions; TopKV2Options;
  SplitOptions num_splits:i32;
  LogSoftmaxOptions;
  CastOptions in_data_type:TensorType out_data_type:TensorType;
  DequantizeOptions; MaximumMinimumOptions;
  ArgMaxOptions output_type:TensorType;
  LessOptions; NegOptions; PadV2Options; GreaterOptions; GreaterEqualOptions; LessEqualOptions; SelectOptions; SliceOptions;
  TransposeConvOptions padding:Padding stride_w:i32 stride_h:i32 fused_activation_function:Activation quantized_bias_type:TensorType;
  SparseToDenseOptions validate_indices:bool;
  TileOptions; ExpandDimsOptions; EqualOptions; NotEqualOptions;
  ShapeOptions out_type:TensorType;
  PowOptions;
  ArgMinOptions output_type:TensorType;
  FakeQuantOptions min:f32 max:f32 num_bits:i32 narrow_range:bool;
  PackOptions values_count:i32 axis:i32;
  LogicalOrOptions;
  OneHotOptions axis:i32;
  LogicalAndOptions; LogicalNotOptions;
  UnpackOptions num:i32 axis:i32;
  FloorDivOptions; SquareOptions; ZerosLikeOptions; FillOptions;
  BidirectionalSequenceLSTMOptions fused_activation_function:Activation cell_clip:f32 proj_clip:f32 merge_outputs:bool time_major:bool=1
    asymmetric_quantize_inputs:bool;
  BidirectionalSequenceRNNOptions time_major:bool fused_activation_function:Activation merge_outputs:bool
    asymmetric_quantize_inputs:bool;
  UnidirectionalSequenceLSTMOptions fused_activation_function:Activation cell_clip:f32 proj_clip:f32 time_major:bool
    asymmetric_quantize_inputs:bool diagonal_recurrent_tensors:bool;
  FloorModOptions; RangeOptions;
  ResizeNearestNeighborOptions align_corners:bool half_pixel_centers:bool;
  LeakyReluOptions alpha:f32;
  SquaredDifferenceOptions;
  MirrorPadOptions mode:MirrorPadMode;
  AbsOptions;
  SplitVOptions num_splits:i32;
  UniqueOptions idx_out_type:TensorType=INT32;
  ReverseV2Options; AddNOptions; GatherNdOptions; CosOptions; WhereOptions; RankOptions;
  ReverseSequenceOptions seq_dim:i32 batch_dim:i32;
  MatrixDiagOptions; QuantizeOptions; MatrixSetDiagOptions; HardSwishOptions;
  IfOptions then_subgraph_index:i32 else_subgraph_index:i32;
  WhileOptions cond_subgraph_index:i32 body_subgraph_index:i32;
  DepthToSpaceOptions block_size:i32;
  NonMaxSuppressionV4Options; NonMaxSuppressionV5Options; ScatterNdOptions; SelectV2Options; DensifyOptions; SegmentSumOptions;
  BatchMatMulOptions adj_x:bool adj_y:bool asymmetric_quantize_inputs:bool;
  CumsumOptions exclusive:bool reverse:bool;
  CallOnceOptions init_subgraph_index:i32;
  BroadcastToOptions; Rfft2dOptions;
  Conv3DOptions padding:Padding stride_d:i32 stride_w:i32 stride_h:i32 fused_activation_function:Activation dilation_d_factor:i32=1
    dilation_w_factor:i32=1 dilation_h_factor:i32=1;
  HashtableOptions table_id:i32 key_dtype:TensorType value_dtype:TensorType;
  HashtableFindOptions; HashtableImportOptions; HashtableSizeOptions;
  VarHandleOptions container:text shared_name:text;
  ReadVariableOptions; AssignVariableOptions;
  RandomOptions seed:i64 seed2:i64;
  BucketizeOptions boundaries:f32[];
  GeluOptions approximate:bool;
  DynamicUpdateSliceOptions; UnsortedSegmentProdOptions; UnsortedSegmentMaxOptions; UnsortedSegmentMinOptions;
  UnsortedSegmentSumOptions; ATan2Options; SignOptions; BitcastOptions; BitwiseXorOptions; RightShiftOptions;
`);

/** Union BuiltinOptions2, for what no longer fitted the first. */
export const OPTIONS_2 = parseTables(`
  StablehloConcatenateOptions dimension:i64;
  StablehloBroadcastInDimOptions broadcast_dimensions:i64[];
  StablehloSliceOptions start_indices:i64[] limit_indices:i64[] strides:i64[];
  StablehloConvolutionOptions window_strides:i64[] padding:i64[] lhs_dilation:i64[] rhs_dilation:i64[] window_reversal:bool[]
    input_batch_dimension:i64 input_feature_dimension:i64 input_spatial_dimensions:i64[] kernel_input_feature_dimension:i64
    kernel_output_feature_dimension:i64 kernel_spatial_dimensions:i64[] output_batch_dimension:i64 output_feature_dimension:i64
    output_spatial_dimensions:i64[] feature_group_count:i64 batch_group_count:i64 precision_config:u32[];
  StablehloCustomCallOptions call_target_name:text has_side_effect:bool backend_config:text api_version:i32 called_computations:i32[]
    custom_attributes:u8[];
  StablehloReduceOptions dimensions:i64[] body_subgraph_index:i32;
  StablehloScatterOptions indices_are_sorted:bool update_window_dims:i64[] inserted_window_dims:i64[] scatter_dims_to_operand_dims:i64[]
    index_vector_dim:i64 unique_indices:bool update_computation_subgraph_index:i32;
  StablehloCompareOptions comparison_direction:Comparison compare_type:ComparisonType;
  StablehloDynamicSliceOptions slice_sizes:i64[];
  StablehloPadOptions edge_padding_low:i64[] edge_padding_high:i64[] interior_padding:i64[];
  StablehloIotaOptions iota_dimension:i64;
  StablehloDotGeneralOptions lhs_batching_dimensions:i64[] rhs_batching_dimensions:i64[] lhs_contracting_dimensions:i64[]
    rhs_contracting_dimensions:i64[] precision_config:u32[];
  StablehloReduceWindowOptions window_dimensions:i64[] window_strides:i64[] base_dilations:i64[] window_dilations:i64[] padding:i64[]
    body_subgraph_index:i32;
  StablehloSortOptions dimension:i64 is_stable:bool comparator_subgraph_index:i32;
  StablehloWhileOptions cond_subgraph_index:i32 body_subgraph_index:i32;
  StablehloGatherOptions offset_dims:i64[] collapsed_slice_dims:i64[] start_index_map:i64[] index_vector_dim:i64 slice_sizes:i64[]
    indices_are_sorted:bool;
  StablehloTransposeOptions permutation:i64[];
  DilateOptions;
  StablehloRngBitGeneratorOptions algorithm:i8;
  ReduceWindowOptions reduce_function:i32;
  StableHLOCompositeOptions name:text decomposition_subgraph_index:i32 composite_attributes:u8[] composite_attributes_format:i8
    version:i32;
  StablehloShiftLeftOptions;
  StablehloCaseOptions branch_subgraph_indices:i32[];
`);

/** The options a table means that holds nothing; null where there is no such table. */
export function defaultOptions(type: string): Options | null {
  const table = OPTIONS.get(type) ?? OPTIONS_2.get(type);
  if (table === undefined) return null;
  const out: Record<string, unknown> = {};
  for (const [name, field] of slots(table)) if (field.kind !== "gap") out[name] = absent(field);
  return out as Options;
}

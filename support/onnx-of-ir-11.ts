/**
 * A model as the Python package onnx 1.23 writes it in version 11 of the format, with operators of version
 * 23: p = softmax(xW) of an image x of 1 × 3 pixels.
 *
 * It has what older readers of the format do not know: the node MatMul has `metadata_props` and
 * `device_configurations`, the model a `configuration`, and its function Scale (p ↦ 2p) an `overload` and an
 * `attribute_proto`.
 */
export const onnxOfIr11: Uint8Array = Buffer.from(
  [
    'CAsSADrLAgofCgF4EgRmbGF0IgdGbGF0dGVuKgsKBGF4aXMYAaABAgpSCgRmbGF0CgF3EgF5IgZNYXRNdWxKKwoIZXhwb3J0ZXIS',
    'H3NheXMgd2hlcmUgdGhpcyBub2RlIGNvbWVzIGZyb21SDwoLdHdvLWRldmljZXMYAQolCgF5EgFwIgdTb2Z0bWF4KhQKBGF4aXMY',
    '////////////AaABAgooCgFwEgV0d2ljZSIFU2NhbGU6DnNlbnNpZ2F0ZS50ZXN0QgVmbG9hdBIEaXIxMSojCAMIAhABQgF3ShgA',
    'AIA/AAAAAAAAAAAAAIA/AAAAQAAAgL9aIAoBeBIbChkIARIVCgcSBWJhdGNoCgIIAQoCCAEKAggDYhgKAXASEwoRCAESDQoHEgVi',
    'YXRjaAoCCAJiHAoFdHdpY2USEwoRCAESDQoHEgViYXRjaAoCCAJCBAoAEBdCEgoOc2Vuc2lnYXRlLnRlc3QQAcoBcgoFU2NhbGUi',
    'AWEqAWI6JBIBayIIQ29uc3RhbnQqFQoLdmFsdWVfZmxvYXQVAAAAQKABAToOCgFhCgFrEgFiIgNNdWxKBAoAEBdSDnNlbnNpZ2F0',
    'ZS50ZXN0WhAKBmZhY3RvchUAAABAoAEBagVmbG9hdNIBDwoLdHdvLWRldmljZXMQAg==',
  ].join(''),
  'base64',
);
